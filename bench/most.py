"""The most connections that the stack can be set to hold, and that are measured."""

from __future__ import annotations

import resource

from certs import limits
from certs.errors import SettingError

WANTED = 10_000
_RESERVED = 512  # files of this process that are no connections


def _is_accepted(connections: int) -> bool:
    try:
        limits.read({"MAX_CONNECTIONS": str(connections)})
    except SettingError:
        return False
    return True


def of_the_stack() -> int:
    """What MAX_CONNECTIONS may be at most, up to WANTED."""
    low, high = 1, WANTED
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _is_accepted(middle) else (low, middle - 1)
    return low


MOST = of_the_stack()


def of_a_proxy() -> int:
    """What a proxy can be told to hold: two files for each, within this machine's limit. HAProxy
    does not start with more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + 100
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, (hard - _RESERVED) // 2)


def raise_files() -> int:
    """Raises this process's soft limit of open files, and so that of what it starts. Returns
    how many connections it can hold then, up to MOST."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return MOST if hard == resource.RLIM_INFINITY else min(MOST, hard - _RESERVED)
