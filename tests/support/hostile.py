"""A client that does what none should, through nginx over TLS, beside one that behaves well."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from tests.support import robustness
from tests.support.faults import leader
from tests.support.frames import exactly
from tests.support.running import Running
from tests.support.steady import Seen
from tests.support.waiting import until

_MIB = 1024 * 1024
_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="


SECTION = "Hostile clients"


def record(stack: Running, name: str, answer: str, **figures: float) -> None:
    """A row of docs/robustness.md. answer: the right one, in words."""
    robustness.record(robustness.Row(SECTION, name, stack.mode, answer, figures))


@contextlib.contextmanager
def case(stack: Running, neighbour: Seen, name: str, answer: str) -> Iterator[dict[str, float]]:
    """As record, when the neighbour, who echoes all the while (tests/support/steady.py), has
    noticed nothing. Yields further figures for the row."""
    figures: dict[str, float] = {}
    neighbour.worst = 0.0
    yield figures
    before = neighbour.messages
    until(lambda: neighbour.messages > before, "the neighbour's echoes")
    neighbour.assert_unnoticed()
    record(stack, name, answer, **latency(neighbour), **figures)


def latency(neighbour: Seen) -> dict[str, int]:
    return {"neighbour's worst latency (ms)": round(neighbour.worst * 1000)}


@contextlib.contextmanager
def bounded(
    stack: Running, neighbour: Seen, name: str, answer: str, limit: int, connections: int = 1
) -> Iterator[None]:
    """As case; app and nginx together never have so many MiB more than before."""
    with case(stack, neighbour, name, answer) as figures:
        leaders = [leader(stack, service) for service in ("app", "nginx")]
        processes = [*leaders, *(child for one in leaders for child in one.children(True))]

        def memory() -> float:
            return sum(process.memory_info().rss for process in processes) / _MIB

        def watch() -> float:
            most = memory()
            while not ended.wait(0.02):
                most = max(most, memory())
            return max(most, memory())

        ended = threading.Event()
        before = memory()
        with ThreadPoolExecutor() as pool:
            most = pool.submit(watch)
            try:
                yield
            finally:
                ended.set()
        grown = max(most.result() - before, 0)
        figures[robustness.MEMORY] = round(grown / connections, 2)
        assert grown < limit


def handshake(
    line: str = "GET /ws HTTP/1.1",
    more: str = "",
    *,
    host: str = "Host: localhost",
    connection: str = "Connection: Upgrade",
    upgrade: str = "Upgrade: websocket",
    version: str = "Sec-WebSocket-Version: 13",
    key: str = _KEY,
) -> bytes:
    """A valid one, but for what is given. more: further lines, and what comes after them."""
    lines = [line, host, connection, upgrade, version, key, *more.split("\r\n")]
    return "".join(f"{one}\r\n" for one in lines if one).encode("latin-1") + b"\r\n"


def answer(raw: socket.socket) -> tuple[int, str]:
    """The status of the next answer, and its body; nothing after them is read."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(raw, 1)
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return int(head.split()[1]), exactly(raw, int(length[1]) if length else 0).decode()


def told(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


# Its other half does not come.
HALF_A_BODY = b"POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf"


def tcp(stack: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", stack.https_port), timeout=45)


def client_hello() -> bytes:
    sent = ssl.MemoryBIO()
    context = ssl.create_default_context()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost").do_handshake()
    return sent.read()


def rest(raw: socket.socket) -> bytes:
    """All that comes until the end."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := raw.recv(65536):
            received += data
    return received
