"""python -m uvicorn_runner: serves the ASGI app that APP names, with our uvicorn settings."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import Any

import uvicorn

from uvicorn_runner import figures, loading, reloading
from uvicorn_runner.protocol import BoundedProtocol
from uvicorn_runner.settings import SettingError, Settings, read

FILES = 32768

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "stream": "ext://sys.stdout",
        }
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
}


def main() -> int:
    _open_many_files()
    try:
        settings = read(os.environ)
        with loading.imports_from(settings.folder):
            loading.load_or_explain(settings.app)
    except SettingError as error:
        print(f"app: {error}", file=sys.stderr)
        return error.exit_status
    where = settings.socket or "port 8000"
    how = f", again when a file in {settings.watched} is saved" if settings.reload else ""
    if settings.socket:  # a container has its limit from the engine
        _bound_memory(settings.memory)
    print(f"app: serving {settings.app} on {where}{how}", flush=True)
    if settings.reload:
        return reloading.run(settings, config(settings))
    if settings.figures:
        figures.serve(settings.figures)
    with loading.imports_from(settings.folder):
        uvicorn.run(settings.app, **config(settings))
    return 0


def _open_many_files() -> None:
    """Raises the soft limit of open files: each connection is one, and many shells allow 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has one more limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _bound_memory(limit: int) -> None:
    """Sets a limit beyond which the app gets a MemoryError; each process that it starts has the
    same limit. The whole stack of each thread counts. On macOS no such limit works."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def config(settings: Settings) -> dict[str, Any]:
    """uvicorn's arguments (https://www.uvicorn.org/settings/)."""
    level = settings.log_level.upper()
    listen: dict[str, Any] = {"host": "0.0.0.0", "port": 8000}  # noqa: S104 # never published
    if settings.socket:
        # Only nginx connects: the folder belongs to this user alone (0700).
        listen = {"uds": str(settings.socket), "forwarded_allow_ips": "*"}
    return {
        **listen,
        **_reload(settings),
        "ws": BoundedProtocol,
        # Off by default: compression costs twice the CPU and 50 KiB a connection, and can leak
        # a secret that shares a message with text that a client chose (BREACH).
        "ws_per_message_deflate": settings.ws_deflate,
        "ws_max_size": settings.ws_max_size,
        # Pings keep connections open through proxies, and find clients that are gone.
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        # Longer than nginx's keepalive_timeout, so that nginx closes an idle connection first.
        # If the app did, nginx could send a request into a socket that was just closed.
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 5,
        "server_header": False,
        "access_log": False,  # nginx writes one, with the request id
        "log_level": None,  # a level here would override log_config
        "log_config": {
            **LOGGING,
            "loggers": {
                "app": {"level": level},
                # At INFO uvicorn logs two more lines for each connection.
                "uvicorn": {"level": "WARNING" if level == "INFO" else level},
            },
        },
    }


def _reload(settings: Settings) -> dict[str, Any]:
    if not settings.reload:
        return {}
    return {
        "reload": True,
        "reload_dirs": [str(settings.watched)],
        # Templates and pages too: a developer who saves one expects a reload.
        "reload_includes": ["*.py", "*.html", "*.css", "*.js", "*.json", "*.toml", "*.yaml"],
        # Seconds before watching begins, and after each change. Shorter than an app's start:
        # a longer delay would miss a file that is saved meanwhile.
        "reload_delay": 0.05,
    }


if __name__ == "__main__":
    sys.exit(main())
