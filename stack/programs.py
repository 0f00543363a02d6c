"""What local mode's three processes are to be: argument lists and environments."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

from certs.settings import CHECKOUT
from stack import nginx, render
from stack.launch import Program
from stack.settings import Settings


def make(
    settings: Settings, binary: Path, values: Mapping[str, str], state: Path, sockets: Path
) -> dict[str, Program]:
    """binary: nginx. values: what its templates were filled with. state and sockets:
    folders of local mode, as stack.local has them. A process whose program differs
    from what runs is to be restarted."""
    python = sys.executable
    folder, config = state / "nginx", state / "nginx-conf"
    of_certs = {
        "HOSTS": " ".join(settings.certs.hosts.sans()),
        "PERMIT": settings.env.get("PERMIT", ""),
        "CA_HOME": str(settings.certs.ca_home),
        "LEAF_DIR": str(settings.certs.leaf_dir),
    }
    of_app = {
        "APP": settings.app.app,
        "APP_SOCKET": str(sockets / "app.sock"),
        "LOG_LEVEL": settings.app.log_level,
        "WS_MAX_SIZE": str(settings.app.ws_max_size),
    }
    return {
        "certs": Program(
            [python, "-m", "certs", "watch"], of_certs, str(CHECKOUT), _digest(CHECKOUT / "certs")
        ),
        "nginx": Program(
            nginx.command(binary, folder, config),
            {},
            str(folder),
            _digest(render.SOURCE, repr(values)),
            [str(sockets / "health.sock")],
        ),
        "app": Program([python, "-m", "app"], of_app, str(CHECKOUT), _digest(CHECKOUT / "app")),
    }


def _digest(folder: Path, also: str = "") -> str:
    """Of all sources in a folder: what has changed must be restarted."""
    found = hashlib.sha256(also.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "out" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()
