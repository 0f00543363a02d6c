#!/bin/sh
# Fills the templates, tests the result, and becomes nginx. The official image's own
# entrypoint goes on without any configuration if it cannot write to its folder; this
# one stops. Without Docker, stack/local/render.py does the same.
set -eu

from=/etc/wss-stack/nginx
to=/tmp/nginx
# On a Swarm both are elsewhere (deploy/swarm.yml).
export LEAF_DIR="${LEAF_DIR:-/leaf}"
values=${VALUES:-$LEAF_DIR/nginx-values.sh}

# Without Docker's init process this shell is PID 1, and would ignore these signals.
trap 'exit 0' TERM INT QUIT

# The certs process checks the settings (certs/nginx_values.py), and writes nginx's values,
# with the settings that it read. Values of an earlier start, for other settings, do not count.
own="BIND=${BIND:-}
HTTPS_PORT=${HTTPS_PORT:-}
HTTP_PORT=${HTTP_PORT:-}
ALLOWED_ORIGINS=${ALLOWED_ORIGINS:-}
APP=${APP:-}
UPSTREAM=${UPSTREAM:-}
SITES=${SITES:-}
CONSOLE=${CONSOLE:-}
MAX_CONNECTIONS=${MAX_CONNECTIONS:-}
MAX_CONNECTIONS_PER_ADDRESS=${MAX_CONNECTIONS_PER_ADDRESS:-}
HANDSHAKES_PER_SECOND=${HANDSHAKES_PER_SECOND:-}
CERT=${CERT:-}
KEY=${KEY:-}
PUBLIC=${PUBLIC:-}
METRICS_PORT=${METRICS_PORT:-}"
CHECKED=
REFUSED=
tries=0
set -a # for envsubst
until [ "$CHECKED" = "$own" ]; do
    [ "$tries" -ne 20 ] || echo "nginx: waiting for the certs process to check the settings" >&2
    [ "$tries" -eq 0 ] || sleep 0.1
    tries=$((tries + 1))
    # shellcheck source=/dev/null
    [ ! -r "$values" ] || . "$values"
done
[ -z "$REFUSED" ] || {
    echo "nginx: $REFUSED" >&2
    exit 1
}

set +a

# More than the system allows would leave the workers with the limit of this shell.
allowed=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
[ "$allowed" = unlimited ] || [ "$allowed" -ge "$WORKER_FILES" ] || export WORKER_FILES="$allowed"

export ACME_FOLDER=/acme CONSOLE_FOLDER=/etc/wss-stack/console HTTP2=on
# The same list as in stack/nginx_versions.py.
export TLS_GROUPS='?X25519MLKEM768:X25519:P-256:P-384'
export LISTEN_HTTPS=8443 LISTEN_HTTP=8080 HEALTH_SOCKET="$to/health.sock"
# Docker's embedded resolver, or another engine's.
RESOLVER=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
export RESOLVER

rm -rf "$to"
mkdir -p "$to/conf.d"
cp -r "$from/nginx.conf" "$from/snippets" "$to/"
# Only the templates' own names are filled in: nginx's variables look like them.
names=$(grep -oh '[$]{[A-Z0-9_]*}' "$from"/templates/*.template | sort -u)
for template in "$from"/templates/*.template; do
    filled=$to/conf.d/$(basename "$template" .template)
    envsubst "$names" < "$template" > "$filled"
done

nginx -p "$to" -e stderr -c "$to/nginx.conf" -t -q
exec nginx -p "$to" -e stderr -c "$to/nginx.conf" -g 'daemon off;'
