#!/bin/sh
# Fills the templates, tests the result, and becomes nginx. The official image's
# own entrypoint logs a folder that it cannot write to and goes on without any
# configuration; this one stops. stack/local/render.py does the same without Docker.
set -eu

from=/etc/wss-stack/nginx
to=/tmp/nginx

fail() {
    echo "nginx: $1" >&2
    exit 1
}

matches() { # VALUE PATTERN: the value as a whole, where grep takes any line of it
    printf '%s' "$1" | tr '\n' '?' | grep -Eq "$2"
}

# Compose drops an address that it cannot read, and publishes on all of them: then
# there must be nothing behind the port.
matches "${BIND:-127.0.0.1}" '^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$' ||
    fail "BIND is '$BIND'; write an address of this machine, such as 127.0.0.1, ::1, or 0.0.0.0 to let others in"

lower() {
    printf '%s\n' "$1" | tr '[:upper:]' '[:lower:]'
}

# An origin as a browser sends it: lower case, no default port. Nothing for what is
# none. _as_sent in stack/settings.py is the same.
as_sent() {
    matches "$1" '^[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9._-]+|\[[0-9A-Fa-f]*:[0-9A-Fa-f:]+\])(:[1-9][0-9]{0,4})?$' || return 0
    scheme=$(lower "${1%%://*}")
    rest=${1#*://}
    case $scheme in # a WebSocket's own is where it leads, not where its page is
        ws) scheme=http ;;
        wss) scheme=https ;;
    esac
    case $scheme in # of any other scheme it is the program's own to read
        http | https) rest=$(lower "$rest") ;;
    esac
    case $scheme:$rest in
        http:*:80) rest=${rest%:80} ;;
        https:*:443) rest=${rest%:443} ;;
    esac
    echo "$scheme://$rest"
}

origins=
set -f # a * in it is a wrong origin, not a pattern
for origin in $(printf '%s' "${ALLOWED_ORIGINS:-}" | tr ',' ' '); do
    case $(lower "$origin") in
        null | file:*)
            fail "ALLOWED_ORIGINS: '$origin' is no page's own: any file sends null or file://, and any sandboxed page of the Web null. Serve yours over http, python3 -m http.server 5173 --bind 127.0.0.1, and name that origin: ALLOWED_ORIGINS=http://localhost:5173"
            ;;
    esac
    sent=$(as_sent "$origin")
    [ -n "$sent" ] ||
        fail "ALLOWED_ORIGINS: '$origin' is not an origin. Write it as the browser does, scheme://host or scheme://host:port, for example http://localhost:5173"
    [ "$sent" = "$origin" ] ||
        fail "ALLOWED_ORIGINS: '$origin' is never what a browser sends; write $sent"
    origins="$origins $origin"
done

# What stands behind `server`, for the host:port in $2, a value of the setting $1.
server() {
    host=${2%:*}
    case $host in
        localhost | *.localhost | 127.* | '[::1]')
            fail "$1: '$2' is nginx's own container. For a server on this machine: $1 with host.docker.internal:${2##*:} (it must listen on more than the loopback), or run without Docker: MODE=local make up"
            ;;
    esac
    matches "$2" '^([A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$' ||
        fail "$1: '$2' is not host:port; write one like web:8000 or host.docker.internal:3000"
    # A name without a dot is a Compose service's: followed in DNS while nginx runs.
    # Others may stand in /etc/hosts alone, where `resolve` does not look.
    case $host in
        *.* | *:*) echo "$2" ;;
        *) echo "$2 resolve" ;;
    esac
}

sites=
site_map=
site_names=
n=0
for site in $(printf '%s' "${SITES:-}" | tr ',' ' '); do
    name=${site%%=*}
    matches "$site" '^((\*\.)?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])=' ||
        fail "SITES: '$site' is not name=host:port; write one like api.localhost=web:8000"
    upstream=$(server SITES "${site#*=}")
    sites="${sites}upstream site$n { zone site$n 64k; server $upstream; include snippets/upstream.conf; }
"
    name=$(lower "$name")
    site_map="$site_map\"$name\" site$n;"
    site_names="${site_names}site$n \"SITES $name=${site#*=}\";"
    n=$((n + 1))
done
set +f

in_origin() { # PORT DEFAULT
    [ "$1" = "$2" ] || echo ":$1"
}

echoes=no
[ -n "${UPSTREAM:-}" ] || [ "${APP:-app.main:app}" != app.main:app ] || echoes=yes
upstream="app:8000 resolve"
[ -z "${UPSTREAM:-}" ] || upstream=$(server UPSTREAM "$UPSTREAM")

case ${CONSOLE:-1} in
    1) console=on ;;
    0) console=off ;;
    *) fail "CONSOLE is '$CONSOLE'; write 1 for on or 0 for off" ;;
esac

# Exported for envsubst alone: each name stands in templates/.
export ALLOWED_ORIGINS="${origins# }" ECHOES="$echoes"
export HTTPS_PORT="${HTTPS_PORT:-8443}"
HTTPS_PORT_IN_ORIGIN=$(in_origin "$HTTPS_PORT" 443)
HTTP_PORT_IN_ORIGIN=$(in_origin "${HTTP_PORT:-8080}" 80)
export HTTPS_PORT_IN_ORIGIN HTTP_PORT_IN_ORIGIN
export CONSOLE="$console" CONSOLE_FOLDER=/etc/wss-stack/console
export LEAF_DIR=/leaf HTTP2=on LISTEN_HTTPS=8443 LISTEN_HTTP=8080 HEALTH_SOCKET="$to/health.sock"
export UPSTREAM_SERVER="$upstream" SITE_MAP="$site_map" SITE_NAMES="$site_names" SITE_UPSTREAMS="$sites"
export UPSTREAM_NAME="${UPSTREAM:+UPSTREAM $UPSTREAM}"
UPSTREAM_NAME=${UPSTREAM_NAME:-the app}
# Docker's embedded resolver, or whatever another engine put there.
RESOLVER=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
export RESOLVER

rm -rf "$to"
mkdir -p "$to/conf.d"
cp -r "$from/nginx.conf" "$from/snippets" "$to/"
# Only our own: nginx's variables look alike.
# shellcheck disable=SC2016 # envsubst wants the names, not the values
names='${ALLOWED_ORIGINS} ${CONSOLE} ${CONSOLE_FOLDER} ${ECHOES} ${HEALTH_SOCKET} ${HTTP2} ${HTTPS_PORT} ${HTTPS_PORT_IN_ORIGIN} ${HTTP_PORT_IN_ORIGIN} ${LEAF_DIR} ${LISTEN_HTTP} ${LISTEN_HTTPS} ${RESOLVER} ${SITE_MAP} ${SITE_NAMES} ${SITE_UPSTREAMS} ${UPSTREAM_NAME} ${UPSTREAM_SERVER}'
for template in "$from"/templates/*.template; do
    filled=$to/conf.d/$(basename "$template" .template)
    envsubst "$names" < "$template" > "$filled"
done

nginx -p "$to" -e stderr -c "$to/nginx.conf" -t -q
exec nginx -p "$to" -e stderr -c "$to/nginx.conf" -g 'daemon off;'
