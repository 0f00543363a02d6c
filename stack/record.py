"""The ports that this checkout's stack was last started on, until `make down`.

HTTPS_PORT=auto keeps its port by it, and every command learns which one that is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from certs import files
from certs.endpoint import AUTO, PORTS, Endpoint
from stack.settings import state_dir

_FILE = "ports.json"


def read(folder: Path) -> dict[str, int]:
    """By the name of the setting; nothing where there is no record."""
    try:
        told = json.loads((folder / _FILE).read_text())
        return {name: int(told[name]) for name in PORTS}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # nothing is lost: a port is chosen again


def write(folder: Path, endpoint: Endpoint) -> None:
    """Raises OSError."""
    told = json.dumps({name: endpoint.port(name) for name in PORTS})
    files.make_folder(folder, 0o700)
    files.write(folder / _FILE, told.encode(), files.PUBLIC)


def forget(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


def fill_in(env: Mapping[str, str]) -> dict[str, str]:
    """The settings with the recorded port in the place of each `auto`."""
    recorded = read(state_dir(env))
    found = {name: str(port) for name, port in recorded.items() if env.get(name) == AUTO}
    return {**env, **found}
