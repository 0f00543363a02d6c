"""Under which address and name the stack is known where it listens."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket

from certs.hosts import ALWAYS_ADDRESSES, parse
from certs.names import Address, HostError
from certs.permitted import Permitted

# Addresses of documentation (RFC 5737, RFC 3849): a route is looked up, and since
# UDP has no handshake nothing is sent.
_SOMEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def hosts(bind: Address) -> list[str]:
    """What others on the network call this machine, when bind lets them in.

    For an address of the network, that address; for all (0.0.0.0, ::), those that
    the default routes leave by; and `<hostname>.local` (mDNS, RFC 6762) beside
    them. Only what an authority may sign by default. On the loopback there are no
    others: nothing, but an address that not every leaf has (127.0.0.2).
    """
    if bind.is_loopback:
        return [] if bind in ALWAYS_ADDRESSES else [str(bind)]
    found = [bind]
    if bind.is_unspecified:
        # `::` is for both families here, 0.0.0.0 for one.
        found = [a for a in _of_default_routes() if bind.version in (6, a.version)]
    permitted = Permitted()
    addresses = [str(a) for a in found if not a.is_loopback and permitted.allows_address(a)]
    return [*addresses, *_names()] if addresses else []


def machine() -> str:
    """This machine's name. In a container, docker-compose.yml says it."""
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
