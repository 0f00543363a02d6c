"""Where the stack of this checkout listens, and what it serves: make up records it, make down
removes it.

Other commands, and other shells, then ask the stack that runs, and not what
their own settings would have.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from certs import endpoint, files
from certs.dotenv import CHECKOUT
from certs.endpoint import PORTS, Endpoint
from certs.errors import SettingError

# A line each, NAME=value: `make help` reads URL with sed.
_FILE = "endpoint"
_ENDPOINT = ("BIND", "HTTPS_PORT", "HTTP_PORT")
# Not HOSTS and SITES: make certs may be typed with new ones.
_SERVED = ("APP", "UPSTREAM", "CONSOLE")
_TIMEOUT = 0.5  # seconds


def state_dir(env: Mapping[str, str]) -> Path:
    """The folder for logs and records."""
    return Path(env.get("STATE_DIR", CHECKOUT / ".run"))


def write(state: Path, listening: Endpoint, env: Mapping[str, str]) -> None:
    """env: the settings that it was started with."""
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
    """As settings, the empty ones for what was not set; nothing where nothing is recorded."""
    try:
        lines = (state / _FILE).read_text().splitlines()
    except OSError:
        return {}
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: found[name] for name in (*_ENDPOINT, *_SERVED) if name in found}


def ports(state: Path) -> dict[str, int]:
    """By the name of the setting; nothing where nothing usable is recorded."""
    found = {name: value for name, value in read(state).items() if name in PORTS}
    return {
        name: int(value) for name, value in found.items() if value.isascii() and value.isdecimal()
    }


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """env, with what is recorded of the stack that runs.

    What is recorded counts, unless nothing answers there and something does where env's
    own settings say: after a `docker compose up` of the user's own.
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
