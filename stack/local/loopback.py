"""Servers on localhost, which is two addresses: where one refuses, nginx tries the other."""

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
    """What stands behind `server` in nginx's upstream block."""
    addresses = upstream.loopbacks()
    if not addresses or not _has_ipv6():
        return str(addresses[0] if addresses else upstream)
    first, other = addresses
    # Never put aside: one answer that nginx cannot pass on, or one restart of the server,
    # would send the requests of the next seconds to an address where nothing listens.
    return f"{first} max_fails=0; server {other} max_fails=0 backup"


def tell_which_answers(settings: Settings) -> None:
    """Says where a server is that was looked for at the other address."""
    for name, upstream in nginx_values.upstreams(settings.certs):
        addresses = upstream.loopbacks()
        if upstream not in addresses:
            continue  # localhost, which is both, or elsewhere
        first, other = addresses
        if not _listens(first) and _listens(other):
            log.info(
                "%s: nothing listens on %s; nginx passes requests to %s, where a server does. "
                "To spare it the first try, and its log a line each: write %s",
                *(name, first, other, other),
            )


def _listens(address: Upstream) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection((address.host.strip("[]"), address.port), _TIMEOUT).close()
        return True
    return False


def _has_ipv6() -> bool:
    """Without it nginx would answer 500 for a server that is down."""
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_INET6).close()
        return True
    return False
