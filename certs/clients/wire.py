"""A WebSocket in plain bytes, for clients that can only carry bytes (RFC 6455)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from certs.clients.base import IN_THE_LOGS, Proof, Target, refused

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_TEXT = 0x81  # the only frame of a text message


@dataclass(frozen=True)
class Conversation:
    """Everything a client says to have one text echoed, and what must come back."""

    target: Target
    text: str = field(default_factory=lambda: secrets.token_hex(8))
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(16)).decode())

    def headers(self) -> dict[str, str]:
        return {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key,
        }

    def request(self) -> bytes:
        host = f"localhost:{self.target.port}"
        lines = [f"GET {self.target.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def frame(self) -> bytes:
        """The text, masked as a client must."""
        mask = secrets.token_bytes(4)
        body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.text.encode()))
        return bytes([_TEXT, 0x80 | len(body)]) + mask + body

    def reply(self) -> bytes:
        """The text as it comes back, not masked: whoever sent this has understood the
        frame, so it upgraded the connection too."""
        return bytes([_TEXT, len(self.text)]) + self.text.encode()

    def upgraded(self, answer: bytes) -> bool:
        """Whether it has a 101 to this very handshake."""
        digest = hashlib.sha1((self.key + _GUID).encode(), usedforsecurity=False).digest()
        head = answer.lower()
        return b"http/1.1 101 " in head and base64.b64encode(digest).lower() in head

    def echoed(self, answer: bytes) -> bool:
        return self.reply() in answer


def answered(answer: bytes) -> Proof:
    """For an answer that is neither an echo nor an upgrade: no matter of trust."""
    line = answer.partition(b"\r\n")[0].decode(errors="replace")
    return refused(f"verified, but the answer was {line}", IN_THE_LOGS)
