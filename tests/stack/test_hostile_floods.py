"""Messages without end or measure: memory stays bounded, and a neighbour echoes all the while.

Closer to the app, with more of each: tests/unit/runner/test_protocol.py.
More connections than the stack takes: test_crowds.py.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from websockets.frames import CloseCode, Opcode

from tests.support.frames import HANDSHAKE, close_code, frame, upgrade
from tests.support.hostile import bounded, client_hello, record, tcp
from tests.support.running import Running, running
from tests.support.steady import Seen

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def shared(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With the settings of everybody: at LOG_LEVEL=debug each frame is a line."""
    with running(mode_or_skip, tmp_path_factory.mktemp(f"plain-{mode_or_skip}")) as stack:
        yield stack


def test_message_in_endless_fragments_is_refused(stack: Running, neighbour: Seen) -> None:
    name = "message of 100 000 fragments of a byte"
    with bounded(stack, neighbour, name, "closed with 1009", 20), stack.tls_socket() as raw:
        upgrade(raw)
        raw.sendall(frame(Opcode.BINARY, b"x", fin=False))
        raw.sendall(frame(Opcode.CONT, b"x", fin=False) * 100_000)
        assert close_code(raw) == CloseCode.MESSAGE_TOO_BIG


def test_pings_of_a_client_that_reads_late_hide_no_message(stack: Running, neighbour: Seen) -> None:
    name = "20 000 pings of a client that reads late"
    answer = "the latest is answered"
    with bounded(stack, neighbour, name, answer, 20), stack.tls_socket() as raw:
        upgrade(raw)
        for number in range(10):
            last = b"%-125d" % number
            raw.sendall(frame(Opcode.PING, last) * 2000)
        raw.sendall(frame(Opcode.TEXT, b"the end"))
        read = b""
        while not read.endswith(b"the end"):
            read += raw.recv(65536)
        assert last in read


def test_messages_of_a_client_that_does_not_read_are_not_kept(
    stack: Running, neighbour: Seen
) -> None:
    name = "messages of 4 MiB of a client that does not read"
    with bounded(stack, neighbour, name, "not taken any more", 60), stack.tls_socket() as raw:
        upgrade(raw)
        message = frame(Opcode.BINARY, bytes(4 * MIB))
        raw.settimeout(1)
        with pytest.raises(TimeoutError):
            send(raw, message, 100)


def send(raw: socket.socket, message: bytes, times: int) -> None:
    for _ in range(times):  # some are in the system's buffers on the way
        raw.sendall(message)


def test_connections_that_go_at_any_time_leave_nothing_behind(
    stack: Running, neighbour: Seen
) -> None:
    name = "500 connections, each gone at another time"
    with bounded(stack, neighbour, name, "forgotten", 20, connections=500):
        hello = client_hello()
        for _ in range(100):
            tcp(stack).close()
            with tcp(stack) as raw:
                raw.sendall(hello)
            with stack.tls_socket():
                pass
            with stack.tls_socket() as raw:
                raw.sendall(HANDSHAKE.encode())
            with stack.tls_socket() as raw:
                upgrade(raw)
                raw.sendall(frame(Opcode.TEXT, b"x", fin=False))


def test_deflate_is_not_taken(stack: Running) -> None:
    with stack.connect(compression="deflate") as client:
        assert client.response
        assert "Sec-WebSocket-Extensions" not in client.response.headers
    record(stack, "permessage-deflate offered", "101 without it, unless WS_DEFLATE is 1")
