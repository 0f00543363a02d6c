"""The programs of local mode's processes: argument lists and environments."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from certs.dotenv import CHECKOUT
from stack.local import render
from stack.local.launcher import Program
from stack.local.nginx import Nginx, command
from stack.settings import Settings

# Settings that certs needs for the trust page.
_OF_THE_PAGE = ("HTTPS_PORT", "HTTP_PORT", "BIND", "APP", "UPSTREAM")
_OF_CERT = ("CERT", "KEY")


def build(
    settings: Settings,
    nginx: Nginx,
    app_python: str,
    values: Mapping[str, str],
    state: Path,
    sockets: Path,
) -> dict[str, Program]:
    """app_python: the interpreter with the app's packages. values: what
    nginx's templates were filled with. state and sockets: folders of local mode, as
    stack.local has them. The caller restarts a process whose Program has
    changed. With UPSTREAM there is no "app" entry, and without METRICS_PORT no "metrics"."""
    python = sys.executable
    folder, config = state / "nginx", state / "nginx-conf"
    of_certs = {
        "HOSTS": " ".join(settings.certs.hosts.sans()),
        "PERMIT": settings.env.get("PERMIT", ""),
        "CA_HOME": str(settings.certs.ca_home),
        "LEAF_DIR": str(settings.certs.leaf_dir),
        **{name: settings.env.get(name, "") for name in (*_OF_THE_PAGE, *_OF_CERT)},
    }
    of_app = {
        **_own_variables(settings.app_dir),
        "APP": settings.env.get("APP", ""),
        "APP_SOCKET": str(sockets / "app.sock"),
        "LOG_LEVEL": settings.app.log_level,
        "WS_MAX_SIZE": str(settings.app.ws_max_size),
        "WS_DEFLATE": str(int(settings.app.ws_deflate)),
        "APP_MEMORY": str(settings.app.memory),
        "APP_PATH": str(settings.app_dir),
        "RELOAD": str(int(settings.app.reload)),
        "METRICS_PORT": settings.env.get("METRICS_PORT", ""),
    }
    made = {
        "certs": Program(
            [python, "-m", "certs", "watch"], of_certs, str(CHECKOUT), _digest(CHECKOUT / "certs")
        ),
        "nginx": Program(
            command(nginx.binary, folder, config),
            {},
            str(folder),
            # nginx restarts for a new version under the same path, and for a new address: it
            # cannot listen on 0.0.0.0 while the old one listens on 127.0.0.1.
            f"{nginx.version} {values['LISTEN_HTTPS']} {values['LISTEN_HTTP']}",
            files=_digest(render.SOURCE, f"{values}"),
            stale=[str(sockets / "health.sock")],
        ),
    }
    if settings.upstream is None:
        made["app"] = Program(
            [app_python, "-m", "uvicorn_runner"],
            of_app,
            str(CHECKOUT),
            _digest(
                CHECKOUT / "uvicorn_runner",
                _read(settings.app_requirements) + _digest(CHECKOUT / "app"),
            ),
            # With RELOAD=1 uvicorn cannot bind a socket whose file is there already.
            stale=[str(sockets / "app.sock")],
        )
    if settings.certs.metrics_port:
        host, port = settings.endpoint.address
        of_metrics = {
            "METRICS_LISTEN": f"127.0.0.1:{settings.certs.metrics_port}",
            "METRICS_LOG": str(sockets / "metrics.sock"),
            "METRICS_NGINX": f"{host}:{port}",
            "METRICS_APP": str(sockets / "figures.sock") if "app" in made else "",
        }
        made["metrics"] = Program(
            [python, "-m", "metrics"], of_metrics, str(CHECKOUT), _digest(CHECKOUT / "metrics")
        )
    return made


def _own_variables(app_dir: Path) -> dict[str, str]:
    """The variables of the app's own .env; a value in the environment comes first.

    The environment's value is handed on too: supervisord, from which the app inherits, has
    the environment of an earlier `make up`.
    """
    found = dotenv_values(app_dir / ".env", interpolate=False)
    both = {name: os.environ.get(name, value) for name, value in found.items()}
    # Empty values too, as in Docker: otherwise the app would inherit supervisord's.
    return {name: value for name, value in both.items() if value is not None}


def _read(path: Path | None) -> str:
    return path.read_text() if path else ""


def _digest(folder: Path, also: str = "") -> str:
    """A digest of all sources in a folder: a change restarts the process."""
    found = hashlib.sha256(also.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "out" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()
