"""The record of where this checkout's stack listens and what it serves: make up writes it, make
down removes it.

With it, other commands in any shell find the stack that runs, even if their own settings
are different.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from certs import endpoint, files
from certs.dotenv import CHECKOUT
from certs.endpoint import PORTS, Endpoint
from certs.errors import SettingError

# Lines of NAME=value, of which `make help` reads URL with sed.
_FILE = "endpoint"
_ENDPOINT = ("BIND", "HTTPS_PORT", "HTTP_PORT")
# HOSTS and SITES are not recorded: a user may give make certs new ones.
_SERVED = ("APP", "UPSTREAM", "CONSOLE", "CERT", "KEY", "CERT_DIR", "METRICS_PORT")
_TIMEOUT = 0.5  # seconds


def state_dir(env: Mapping[str, str]) -> Path:
    """The folder for logs and records."""
    return Path(env.get("STATE_DIR", CHECKOUT / ".run"))


def write(state: Path, listening: Endpoint, env: Mapping[str, str]) -> None:
    """env: the settings with which the stack was started."""
    values = (str(listening.bind), str(listening.https_port), str(listening.http_port))
    known = dict(zip(_ENDPOINT, values, strict=True))
    known |= {name: env.get(name, "") for name in _SERVED}
    known["URL"] = listening.url
    files.make_folder(state, 0o700)
    text = "".join(f"{name}={value}\n" for name, value in known.items())
    files.write(state / _FILE, text.encode(), files.PUBLIC)


def forget(state: Path) -> None:
    (state / _FILE).unlink(missing_ok=True)


def read(state: Path) -> dict[str, str]:
    """The recorded settings, with empty values for unset ones; empty without a record."""
    try:
        lines = (state / _FILE).read_text().splitlines()
    except OSError:
        return {}
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: found[name] for name in (*_ENDPOINT, *_SERVED) if name in found}


def ports(state: Path) -> dict[str, int]:
    """The recorded ports by the names of their settings; empty without a usable record."""
    found = {name: value for name, value in read(state).items() if name in PORTS}
    return {
        name: int(value) for name, value in found.items() if value.isascii() and value.isdecimal()
    }


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """env, with the record of the stack that runs.

    The record counts, unless nothing answers there and something answers at the address in
    env: then the user typed `docker compose up`.
    """
    merged = {**env, **read(state_dir(env))}
    known = {name: value for name, value in merged.items() if value}
    return known if _answers(known) or not _answers(env) else dict(env)


def _answers(env: Mapping[str, str]) -> bool:
    try:
        address = endpoint.read(env).address
        socket.create_connection(address, timeout=_TIMEOUT).close()
    except (OSError, SettingError):
        return False
    return True
