#!/bin/sh
# Fills the templates, tests the result, and becomes nginx. The official image's
# own entrypoint logs a folder that it cannot write to and goes on without any
# configuration; this one stops. stack/render.py does the same without Docker.
set -eu

from=/etc/wss-stack/nginx
to=/tmp/nginx

fail() {
    echo "nginx: $1" >&2
    exit 1
}

# Compose drops an address that it cannot read, and publishes on all of them: then
# there must be nothing behind the port.
echo "${BIND:-127.0.0.1}" | grep -Eq '^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$' ||
    fail "BIND is '$BIND'; write an address of this machine, such as 127.0.0.1, ::1, or 0.0.0.0 to let others in"

origins=
set -f # a * in it is a wrong origin, not a pattern
for origin in $(echo "${ALLOWED_ORIGINS:-}" | tr ',' ' '); do
    case $origin in
        *[!A-Za-z0-9.:/_-]* | *://*/* | *://) bad=$origin ;;
        http://* | https://*) bad= ;;
        *) bad=$origin ;;
    esac
    [ -z "$bad" ] || fail "ALLOWED_ORIGINS: '$bad' is not an origin. Write it as the browser does, scheme://host or scheme://host:port, for example http://localhost:5173"
    origins="$origins $origin"
done
set +f

# Exported for envsubst alone: each name stands in templates/.
export ALLOWED_ORIGINS="${origins# }"
export HTTPS_PORT="${HTTPS_PORT:-8443}"
export LEAF_DIR=/leaf LISTEN_HTTPS=8443 LISTEN_HTTP=8080 HEALTH_SOCKET="$to/health.sock"
export UPSTREAM_SERVER="app:8000 resolve"
# Docker's embedded resolver, or whatever another engine put there.
RESOLVER=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
export RESOLVER

rm -rf "$to"
mkdir -p "$to/conf.d"
cp -r "$from/nginx.conf" "$from/snippets" "$to/"
for template in "$from"/templates/*.template; do
    name=$(basename "$template" .template)
    # shellcheck disable=SC2016 # envsubst wants the names, not the values
    envsubst '${ALLOWED_ORIGINS} ${HEALTH_SOCKET} ${HTTPS_PORT} ${LEAF_DIR} ${LISTEN_HTTP} ${LISTEN_HTTPS} ${RESOLVER} ${UPSTREAM_SERVER}' \
        < "$template" > "$to/conf.d/$name"
done

nginx -p "$to" -e stderr -c "$to/nginx.conf" -t -q
exec nginx -p "$to" -e stderr -c "$to/nginx.conf" -g 'daemon off;'
