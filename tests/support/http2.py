"""HTTP/2 frames as a test likes them: valid, or not at all."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Iterator

from hpack import Decoder, Encoder
from hyperframe.frame import (
    Frame,
    GoAwayFrame,
    HeadersFrame,
    RstStreamFrame,
    SettingsFrame,
)

from tests.support.running import Running

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ENHANCE_YOUR_CALM = 11  # RFC 9113, section 7
Headers = list[tuple[str, str]]


def request(path: str, method: str = "GET", more: Iterable[tuple[str, str]] = ()) -> Headers:
    return [
        (":method", method),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", path),
        *more,
    ]


def websocket(port: int, origin: str) -> Headers:
    """An extended CONNECT (RFC 8441, section 4; over HTTP/3: RFC 9220)."""
    return [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", f"localhost:{port}"),
        (":path", "/sockets"),
        ("origin", origin),
        ("sec-websocket-version", "13"),
    ]


def headers(stream: int, fields: Headers, *flags: str) -> HeadersFrame:
    """flags: END_HEADERS and END_STREAM, as they are called."""
    frame = HeadersFrame(stream, encoded(fields))
    frame.flags |= set(flags)
    return frame


def encoded(fields: Headers) -> bytes:
    """With an empty table each time, so that blocks can be sent in any order."""
    return Encoder().encode([(name, value, True) for name, value in fields])


class Http2:
    """A connection that has sent its preface and settings."""

    def __init__(
        self, stack: Running, port: int | None = None, settings: SettingsFrame | None = None
    ) -> None:
        context = stack.tls
        context.set_alpn_protocols(["h2"])
        self.raw: ssl.SSLSocket = stack.tls_socket(context=context, port=port)
        assert self.raw.selected_alpn_protocol() == "h2"
        self._decoder = Decoder()
        self._buffer = b""
        self.raw.sendall(PREFACE)
        self.send(settings or SettingsFrame())

    def send(self, *frames: Frame) -> None:
        self.raw.sendall(b"".join(frame.serialize() for frame in frames))

    def frames(self) -> Iterator[Frame]:
        """What the server sends, until it closes."""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := self.raw.recv(65536):
                self._buffer += data
                while len(self._buffer) >= 9:
                    frame, length = Frame.parse_frame_header(memoryview(self._buffer[:9]))
                    if len(self._buffer) < 9 + length:
                        break
                    frame.parse_body(memoryview(self._buffer[9 : 9 + length]))
                    self._buffer = self._buffer[9 + length :]
                    yield frame

    def settings(self) -> dict[int, int]:
        """What the server offers."""
        first = next(self.frames())
        assert isinstance(first, SettingsFrame), first
        return first.settings

    def status(self) -> int:
        """Of the next answer; a reset stream, or a connection that ends, is minus its error."""
        for frame in self.frames():
            if isinstance(frame, RstStreamFrame | GoAwayFrame):
                return -frame.error_code
            if isinstance(frame, HeadersFrame):
                answer = dict(self._decoder.decode(frame.data, raw=True))
                return int(answer[b":status"])
        raise EOFError
