"""HTTPS_PORT=auto and HTTP_PORT=auto: the next free port, for several checkouts at once.

Nothing is reserved: of two that choose one port at once, the second finds it taken when
its nginx binds it, and chooses again.
"""

from __future__ import annotations

import errno
from collections.abc import Collection

from certs.endpoint import FIRST, PORTS
from stack import ports, recorded
from stack.settings import Settings, read


def choose(settings: Settings, *, runs: bool, lost: Collection[int] = ()) -> Settings:
    """The settings with a number for each port that is auto.

    runs: whether the stack of this checkout does; its ports are kept. lost: ports that
    another one was quicker to take.
    """
    chosen = {
        name: settings.endpoint.port(name) for name in PORTS if name not in settings.endpoint.auto
    }
    known = recorded.ports(settings.state_dir)
    for name in settings.endpoint.auto:
        kept = [known[name]] if name in known else []
        if kept and runs:
            chosen[name] = kept[0]
            continue
        candidates = (*kept, *range(FIRST[name], 65536))
        avoided = {*chosen.values(), *lost}
        chosen[name] = next(
            port for port in candidates if port not in avoided and not _is_taken(settings, port)
        )
    if not settings.endpoint.auto:
        return settings
    return read({**settings.env, **{name: str(port) for name, port in chosen.items()}})


def taken(settings: Settings, names: Collection[str]) -> set[int]:
    """Those of these settings' ports that somebody listens on."""
    found = {settings.endpoint.port(name) for name in names}
    return {port for port in found if _is_taken(settings, port) or ports.container(port)}


def _is_taken(settings: Settings, port: int) -> bool:
    # Whatever else is wrong with the address, ports.check says in words.
    error = ports.refused(settings.endpoint.bind, port)
    return bool(error and error.errno == errno.EADDRINUSE)
