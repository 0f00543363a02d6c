"""Servers on localhost, which has two addresses: if one refuses, nginx tries the other."""

from __future__ import annotations

import contextlib
import logging
import socket

from certs import nginx_values
from certs.upstreams import Upstream
from stack.settings import Settings

log = logging.getLogger(__name__)

_TIMEOUT = 1.0  # seconds


def server(upstream: Upstream) -> str:
    """The text after `server` in nginx's upstream block."""
    addresses = upstream.loopbacks()
    if not addresses or not _has_ipv6():
        return str(addresses[0] if addresses else upstream)
    first, other = addresses
    # max_fails=0, or nginx would avoid an address for ten seconds after one failure, such as
    # a restart of the server, and send all requests to the address where nothing listens.
    return f"{first} max_fails=0; server {other} max_fails=0 backup"


def tell_which_answers(settings: Settings) -> None:
    """Tells the user if a server listens only on the second address that nginx tries."""
    for name, upstream in nginx_values.upstreams(settings.certs):
        addresses = upstream.loopbacks()
        if upstream not in addresses:
            continue  # "localhost" means both addresses; other hosts have none of them
        first, other = addresses
        if not _listens(first) and _listens(other):
            log.info(
                "%s: nothing listens on %s; nginx passes requests to %s, where a server does. "
                "To avoid the failed first try of each request, write %s",
                *(name, first, other, other),
            )


def _listens(address: Upstream) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection((address.host.strip("[]"), address.port), _TIMEOUT).close()
        return True
    return False


def _has_ipv6() -> bool:
    """Whether this machine has IPv6. Without it nginx would answer 500, not 502, for a server
    that is down."""
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_INET6).close()
        return True
    return False
