#!/bin/sh
# Runs Caddy with the stack's leaf, and reloads it when there is another one, because Caddy
# reads a certificate only then. The same script in both ways of running.
set -eu
cd "$(dirname "$0")"
export LEAF_DIR="${LEAF_DIR:-../../certs/out}" FRONT_DOOR="${FRONT_DOOR:-https://localhost:8443}"
export SECOND_BIND="${SECOND_BIND:-127.0.0.1}" SECOND_PORT="${SECOND_PORT:-8444}"
# Without it, Caddy offers WebSockets over HTTP/3 but not over HTTP/2.
export GODEBUG="http2xconnect=1${GODEBUG:+,$GODEBUG}"
command -v caddy > /dev/null || {
    echo "run.sh: there is no caddy on PATH: see https://caddyserver.com/docs/install" >&2
    exit 1
}
STATE=$(mktemp -d)
export STATE
caddy=
trap 'kill ${caddy:+"$caddy"} 2> /dev/null || true; wait; rm -rf "$STATE"' EXIT
trap 'exit 0' INT TERM

leaf() { cksum "$LEAF_DIR/leaf.pem" 2> /dev/null || true; }

until [ -n "$(leaf)" ]; do
    echo "run.sh: waits for $LEAF_DIR/leaf.pem: run make up" >&2
    sleep 2
done
loaded=$(leaf)
caddy run --config Caddyfile &
caddy=$!
while kill -0 "$caddy" 2> /dev/null; do
    sleep 1
    now=$(leaf)
    [ "$now" = "$loaded" ] || [ -z "$now" ] || ! caddy reload --force --config Caddyfile || loaded=$now
done
wait "$caddy"
