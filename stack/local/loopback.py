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
    # Tried again a second after it refused, not ten: a server that is started late is
    # to be found at once.
    return f"{first} fail_timeout=1s; server {other} fail_timeout=1s backup"


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
                "Write both as one: localhost:%d",
                *(name, first, other, upstream.port),
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
