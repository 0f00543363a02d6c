"""The addresses and the name by which a network knows this machine."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket

from certs.hosts import ALWAYS_ADDRESSES, parse
from certs.names import Address, HostError
from certs.permitted import Permitted

# Addresses for documentation (RFC 5737, RFC 3849). A UDP socket that connects there looks
# up the route and sends nothing.
_SOMEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def hosts(bind: Address) -> list[str]:
    """The hosts that other devices use for this machine, if bind lets them in.

    These are bind itself, or the addresses of the default routes for 0.0.0.0 and `::`; and
    `<hostname>.local` (mDNS, RFC 6762). Only hosts that any authority may sign are returned.
    On the loopback: none, or bind if not every leaf has it (127.0.0.2).
    """
    if bind.is_loopback:
        return [] if bind in ALWAYS_ADDRESSES else [str(bind)]
    found = [bind]
    if bind.is_unspecified:
        # Here `::` listens on both families, and 0.0.0.0 on one.
        found = [a for a in _of_default_routes() if bind.version in (6, a.version)]
    permitted = Permitted()
    addresses = [str(a) for a in found if not a.is_loopback and permitted.allows_address(a)]
    return [*addresses, *_names()] if addresses else []


def machine() -> str:
    """This machine's name; docker-compose.yml gives it to the container."""
    return os.environ.get("CA_MACHINE") or socket.gethostname()


def _of_default_routes() -> list[Address]:
    found = []
    for family, somewhere in _SOMEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((somewhere, 9))
            found.append(ipaddress.ip_address(probe.getsockname()[0]))
    return found


def _names() -> list[str]:
    name = f"{machine().split('.')[0]}.local"
    try:
        parse(name)
    except HostError:
        return []
    return [name]
