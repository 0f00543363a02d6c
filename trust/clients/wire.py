"""A WebSocket as plain bytes (RFC 6455), for clients that can only carry bytes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.utils import accept_key, generate_key

from trust.clients.base import Cause, Proof, Target, refused


@dataclass(frozen=True)
class Conversation:
    """The bytes that a client sends for one echo, and the bytes that must come back."""

    target: Target
    text: str = field(default_factory=lambda: secrets.token_hex(8))
    key: str = field(default_factory=generate_key)

    def headers(self) -> dict[str, str]:
        return {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key,
        }

    def request(self) -> bytes:
        headers = Headers(Host=f"localhost:{self.target.port}")
        headers.update(self.headers())
        return Request(self.target.path, headers).serialize()

    def frame(self) -> bytes:
        """The text in a frame with a mask, as a client must send it."""
        return Frame(Opcode.TEXT, self.text.encode()).serialize(mask=True)

    def reply(self) -> bytes:
        """The text in a frame without a mask, as a server sends it. A server that sent it has
        read the client's frame, so the upgrade went well too."""
        return Frame(Opcode.TEXT, self.text.encode()).serialize(mask=False)

    def upgraded(self, answer: bytes) -> bool:
        """Whether the answer has a 101 that fits this handshake."""
        head = answer.lower()
        return b"http/1.1 101 " in head and accept_key(self.key).lower().encode() in head

    def echoed(self, answer: bytes) -> bool:
        return self.reply() in answer


def answered(answer: bytes) -> Proof:
    """The Proof for an answer that is neither an echo nor an upgrade: trust is not the cause."""
    line = answer.partition(b"\r\n")[0].decode(errors="replace")
    return refused(f"verified, but the answer was {line}", Cause.NOT_TRUST)
