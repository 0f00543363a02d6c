"""What a TLS handshake costs the proxy, by the group of its key exchange."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from bench import figures, turns
from bench.contenders import Contender
from bench.errors import LoadError
from bench.findings import Shaken, ShakenTable
from bench.rows import Costs, median
from bench.windows import Window, costs, looking

log = logging.getLogger(__name__)

GROUPS = ("X25519", "X25519MLKEM768")
_TIMEOUT = 5.0


def compare(
    contenders: Sequence[Contender], group: str, root: Path, *, rounds: int, seconds: float
) -> ShakenTable:
    """Contenders without TLS are left out. root: the certificate to trust."""
    log.info("handshakes with %s", group)
    speaking = [one for one in contenders if one.missing or one.url.startswith("wss")]
    context = _context(group, root)
    taken = turns.take(speaking, rounds, lambda one: _round(one, context, group, seconds), group)
    rows = [
        Shaken(one.name, one.version, group, missing=taken.failed[one.name])
        if one.name in taken.failed
        else _row(one, group, taken.found[one.name])
        for one in speaking
    ]
    return ShakenTable(rows, [one.others for found in taken.found.values() for one in found])


def _row(contender: Contender, group: str, rounds: Sequence[Costs]) -> Shaken:
    both = [one.both for one in rounds]
    return Shaken(
        contender.name,
        contender.version,
        group,
        server=figures.median(both),
        load=median(rounds).load,
        spread=figures.spread(both),
    )


def _context(group: str, root: Path) -> SSL.Context:
    """Of the OpenSSL in the cryptography package: the machine's may not know the newer group."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_PEER)
    context.load_verify_locations(str(root))
    # P-256 as well: with TLS 1.2 it is the leaf's key that needs it. pyOpenSSL has no word
    # for either.
    groups = f"{group}:P-256".encode()
    if Binding().lib.SSL_CTX_set1_curves_list(context._context, groups) != 1:
        raise LoadError(f"the OpenSSL of the load knows no group {group}")
    return context


def _round(contender: Contender, context: SSL.Context, group: str, seconds: float) -> Costs:
    """Full handshakes, one after another, never resumed. Raises LoadError."""
    port = urlsplit(contender.url).port
    look = looking(contender)
    _shake(port, context, group)  # what is loaded at the first one
    before, own, started = look(), time.process_time(), time.perf_counter()
    count = 0
    while time.perf_counter() < started + seconds:
        _shake(port, context, group)
        count += 1
    lasted, own = time.perf_counter() - started, time.process_time() - own
    return costs(contender, Window(lasted, own, before, look()), count)


def _shake(port: int | None, context: SSL.Context, group: str) -> None:
    """Raises LoadError."""
    with socket.create_connection(("127.0.0.1", port or 443), _TIMEOUT) as plain:
        # Not settimeout: pyOpenSSL would have to be asked again and again.
        plain.settimeout(None)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(_TIMEOUT), 0))
        tls = SSL.Connection(context, plain)
        tls.set_tlsext_host_name(b"localhost")
        tls.set_connect_state()
        try:
            tls.do_handshake()
        except SSL.Error as error:
            raise LoadError(f"no handshake with {group}: {_reason(error)}") from error
        if tls.get_group_name() not in (group, group.lower()):
            raise LoadError(f"its library does not take {group}, but {tls.get_group_name()}")
        with contextlib.suppress(SSL.Error):
            tls.shutdown()


def _reason(error: SSL.Error) -> str:
    """pyOpenSSL's errors are lists of triples."""
    stack = error.args[0] if error.args else None
    return str(stack[-1][-1]) if isinstance(stack, list) and stack else "it was cut"
