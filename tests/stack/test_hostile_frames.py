"""Frames that break RFC 6455: each closes its own connection with the right code, and nobody
else notices."""

from __future__ import annotations

import random
import socket

import pytest
from websockets.frames import CloseCode, Opcode

from tests.support.frames import RSV1, RSV2, RSV3, close_code, frame, receive, upgrade
from tests.support.hostile import answer, handshake, record
from tests.support.running import Running

pytestmark = pytest.mark.usefixtures("neighbour_of_all")

MIB = 1024 * 1024
TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
CLOSE, PING, PONG = Opcode.CLOSE, Opcode.PING, Opcode.PONG
PROTOCOL, UTF8, SIZE = (
    CloseCode.PROTOCOL_ERROR,
    CloseCode.INVALID_DATA,
    CloseCode.MESSAGE_TOO_BIG,
)


def announced(length: int) -> bytes:
    """The head of a message of so many bytes, none of which is sent."""
    return b"\x82\xff" + length.to_bytes(8, "big") + bytes(4)


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


CASES: dict[str, tuple[bytes, int]] = {
    "frame with RSV1, without deflate": (frame(TEXT, b"x", reserved=RSV1), PROTOCOL),
    "frame with RSV2": (frame(TEXT, b"x", reserved=RSV2), PROTOCOL),
    "frame with RSV3": (frame(TEXT, b"x", reserved=RSV3), PROTOCOL),
    "frame without a mask": (b"\x81\x01x", PROTOCOL),
    **{f"opcode {code}": (frame(code, b""), PROTOCOL) for code in (3, 7, 11, 15)},
    "ping of 126 bytes": (frame(PING, b"x" * 126), PROTOCOL),
    "pong of 126 bytes": (frame(PONG, b"x" * 126), PROTOCOL),
    "Close frame of 126 bytes": (closing(1000, b"x" * 124), PROTOCOL),
    "ping in fragments": (frame(PING, b"x", fin=False), PROTOCOL),
    "Close frame in fragments": (frame(CLOSE, b"\x03\xe8", fin=False), PROTOCOL),
    "fragment of no message": (frame(CONT, b"x"), PROTOCOL),
    "message within a message": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), PROTOCOL),
    "HTTP in the place of frames": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PROTOCOL),
    "length with its highest bit": (announced(1 << 63), SIZE),
    "length of 8 EiB": (announced((1 << 63) - 1), SIZE),
    "length of 17 MiB": (announced(17 * MIB), SIZE),
    "fragments of 9 MiB each": (
        frame(BINARY, bytes(9 * MIB), fin=False) + frame(CONT, bytes(9 * MIB)),
        SIZE,
    ),
    "text that is no UTF-8": (frame(TEXT, b"\xff"), UTF8),
    "text with an overlong sequence": (frame(TEXT, b"\xc0\xaf"), UTF8),
    "text with a surrogate": (frame(TEXT, b"\xed\xa0\x80"), UTF8),
    "text beyond Unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), UTF8),
    "text that ends within a character": (frame(TEXT, b"\xe2\x82"), UTF8),
    "text that is no UTF-8, split within a character": (
        frame(TEXT, b"\xe2", fin=False) + frame(CONT, b"\x28\xa1"),
        UTF8,
    ),
    "close reason that is no UTF-8": (closing(1000, b"\xff"), UTF8),
    "Close frame of one byte": (frame(CLOSE, b"\x03"), PROTOCOL),
    "Close frame without a code": (frame(CLOSE, b""), 1005),
    # RFC 6455, section 7.4: what is reserved, or not assigned, is no code to send.
    **{
        f"close code {code}": (closing(code), PROTOCOL)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
    **{f"close code {code}": (closing(code), code) for code in (1000, 1014, 3000, 4999)},
    "message after a Close frame": (closing(1000) + frame(TEXT, b"\xff"), 1000),
}


def words(code: int) -> str:
    return "closed, without a code" if code == 1005 else f"closed with {int(code)}"


@pytest.mark.parametrize("name", CASES)
def test_frames_that_are_invalid_close_their_own_connection(stack: Running, name: str) -> None:
    sent, code = CASES[name]
    with stack.tls_socket() as raw:
        upgrade(raw)
        raw.sendall(sent)
        assert close_code(raw) == code
        assert_ends(raw)
    record(stack, name, words(code))


def assert_ends(raw: socket.socket) -> None:
    """In order: with the end of TLS, not with a reset."""
    assert raw.recv(1) == b""


VALID: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "text split within a character": (
        frame(TEXT, b"\xe2\x82", fin=False) + frame(CONT, b"\xac"),
        [(TEXT, b"\xe2\x82\xac")],
    ),
    "ping within a message": (
        frame(TEXT, b"a", fin=False) + frame(PING, b"p") + frame(CONT, b"b"),
        [(PONG, b"p"), (TEXT, b"ab")],
    ),
    "empty fragments": (
        frame(TEXT, b"", fin=False) + frame(CONT, b"", fin=False) + frame(CONT, b""),
        [(TEXT, b"")],
    ),
    "pong that nobody asked for": (frame(PONG, b"?") + frame(TEXT, b"x"), [(TEXT, b"x")]),
    "length in more bytes than it needs": (
        b"\x81\xff" + (1).to_bytes(8, "big") + bytes(4) + b"x",
        [(TEXT, b"x")],
    ),
}


@pytest.mark.parametrize("name", VALID)
def test_frames_that_are_odd_and_valid_are_answered(stack: Running, name: str) -> None:
    sent, echoes = VALID[name]
    with stack.tls_socket() as raw:
        upgrade(raw)
        for byte in sent:  # in as many pieces as there can be
            raw.sendall(bytes([byte]))
        assert [receive(raw) for _ in echoes] == echoes
    record(stack, name, "taken")


def test_messages_that_do_not_wait_for_the_101_are_answered(stack: Running) -> None:
    """Neither nginx nor the app may lose what comes with the handshake."""
    with stack.tls_socket() as raw:
        raw.sendall(handshake() + frame(TEXT, b"early") + frame(TEXT, b"too"))
        assert answer(raw)[0] == 101
        assert [receive(raw), receive(raw)] == [(TEXT, b"early"), (TEXT, b"too")]
    record(stack, "handshake and two messages at once", "answered in order")


def test_noise_in_the_place_of_frames_ends_its_own_connection(stack: Running) -> None:
    noise = random.Random(11)  # noqa: S311 # the same in each run
    for _ in range(20):
        with stack.tls_socket() as raw:
            upgrade(raw)
            # A head that is valid now and then; the end is none.
            raw.sendall(noise.choice((b"", b"\x81\x85", b"\x09")) + noise.randbytes(300))
            raw.sendall(frame(3, b""))
            assert ended(raw) in (PROTOCOL, UTF8, SIZE)
    record(stack, "random bytes in the place of frames", "closed with 1002, 1007 or 1009")
    assert "Traceback" not in stack.logs()


def ended(raw: socket.socket) -> int:
    while True:
        opcode, data = receive(raw)
        if opcode == CLOSE:
            return int.from_bytes(data[:2], "big")
