"""HTTPS_PORT=auto and HTTP_PORT=auto: the next free port, for several checkouts at once.

No port is reserved: if two checkouts choose the same port at once, the second one's nginx
cannot bind it, and that checkout chooses again.
"""

from __future__ import annotations

import errno
from collections.abc import Collection

from certs.endpoint import FIRST, PORTS
from stack import ports, recorded
from stack.settings import Settings, read


def choose(settings: Settings, *, runs: bool, lost: Collection[int] = ()) -> Settings:
    """The settings with a number for each port that is auto.

    runs: whether the stack of this checkout runs, which then keeps its ports. lost: ports
    that another program took meanwhile.
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
    """The ports of these settings on which some program listens."""
    found = {settings.endpoint.port(name) for name in names}
    return {port for port in found if _is_taken(settings, port) or ports.container(port)}


def _is_taken(settings: Settings, port: int) -> bool:
    # ports.check reports other faults of the address.
    error = ports.refused(settings.endpoint.bind, port)
    return bool(error and error.errno == errno.EADDRINUSE)
