"""WebSocket frames and handshakes as a test likes them: valid, or not at all."""

from __future__ import annotations

import socket
import ssl

from websockets.frames import Frame, Opcode

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10  # RFC 6455, section 5.2
_ZERO_MASK = b"\0\0\0\0"


def frame(opcode: int, data: bytes, *, fin: bool = True, reserved: int = 0) -> bytes:
    """A client's frame. The mask is zeros: the test is no client of a proxy's cache."""
    # Any opcode: the first byte is replaced.
    whole = Frame(Opcode.BINARY, data).serialize(mask=False)
    head = bytearray(whole[: len(whole) - len(data)])
    head[0] = (0x80 if fin else 0) | reserved | opcode
    head[1] |= 0x80
    return bytes(head) + _ZERO_MASK + data


def upgrade(raw: socket.socket, more: str = "", path: str = "/ws") -> None:
    """The handshake on a new connection; nothing of what comes after it is read."""
    raw.sendall(f"{HANDSHAKE}{more}\r\n".replace("/ws", path, 1).encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += raw.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 "), answer


def receive(raw: socket.socket, reserved: int = 0) -> tuple[int, bytes]:
    """The opcode and the data of the next frame of the server. Raises EOFError.

    reserved: the bits that may be set in it; RSV1 with permessage-deflate.
    """
    head = exactly(raw, 2)
    assert head[0] & 0xF0 in (0x80, 0x80 | reserved), "no fragment, no other reserved bits"
    length = head[1]
    if length >= 126:
        length = int.from_bytes(exactly(raw, 2 if length == 126 else 8), "big")
    return head[0] & 0x0F, exactly(raw, length)


def close_code(raw: socket.socket) -> int:
    """Of the Close frame that is the next to come; 1005 for none in it, 1006 for no frame."""
    try:
        opcode, data = receive(raw)
    except (EOFError, ConnectionError, ssl.SSLError):
        return 1006
    assert opcode == Opcode.CLOSE, (opcode, data)
    return int.from_bytes(data[:2], "big") if data else 1005


def exactly(raw: socket.socket, length: int) -> bytes:
    """Raises EOFError."""
    data = b""
    while len(data) < length:
        piece = raw.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
