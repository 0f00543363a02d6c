"""Verified WebSockets for blocking code: TLS that one thread may read while another writes.

websockets' blocking client does both, and Python's ssl does not stand it: about a
handshake in some hundreds fails or never leaves
(https://github.com/python/cpython/issues/151508). Here the two share nothing but
memory, under a lock; what waits, waits on the plain socket, outside of it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

from websockets.sync import client
from websockets.sync.client import ClientConnection

_CHUNK = 65536
_TIMEOUT = 10.0  # seconds


def connect(
    url: str, trust: ssl.SSLContext, address: str = "127.0.0.1", **options: Any
) -> ClientConnection:
    """A WebSocket to a server on this machine, or at another address, whatever this machine
    resolves the host to.

    url: wss://. options: of websockets' client. Raises OSError, ssl.SSLError,
    WebSocketException.
    """
    asked = urlsplit(url)
    assert asked.scheme == "wss"
    assert asked.hostname
    plain = socket.create_connection((address, asked.port or 443), timeout=_TIMEOUT)
    tls = TLSSocket(plain, trust, asked.hostname)
    # ws: the socket has TLS already, and websockets is not to add it.
    options = {"open_timeout": _TIMEOUT, **options}
    made: ClientConnection = client.connect(
        asked._replace(scheme="ws").geturl(), sock=tls, **options
    )
    return made


class TLSSocket(socket.socket):
    """As ssl.SSLSocket, as far as websockets goes; made over a connected socket."""

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """Shakes hands, within the timeout of the plain socket. Raises OSError."""
        timeout = plain.gettimeout()
        super().__init__(plain.family, plain.type, plain.proto, plain.detach())
        self.settimeout(timeout)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._lock = threading.Lock()  # never held while anything waits
        self._sending = threading.Lock()
        self._ended = False
        try:
            while not self._shaken():
                self._fill()
            self._flush()
        except OSError:
            self.close()
            raise

    def recv(self, size: int, flags: int = 0) -> bytes:
        # All that came, of many records too: websockets asks the plain socket
        # whether there is more, and what was left here it would not see.
        while not (data := self._decrypted()) and not self._ended:
            self._fill()
        if self._ended:
            self._answer_the_end()
        return data

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]
        with self._sending:
            with self._lock:
                self._tls.write(data)
            self._flush()

    def _shaken(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        return True

    def _decrypted(self) -> bytes:
        found = b""
        with self._lock, contextlib.suppress(ssl.SSLWantReadError):
            try:
                while more := self._tls.read(_CHUNK):
                    found += more
                self._ended = True
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                self._ended = True
        return found

    def _answer_the_end(self) -> None:
        # A server that waits for it (asyncio's does) closes the connection then; and
        # websockets, which waits for the plain socket, sees that.
        with contextlib.suppress(OSError):
            with self._lock:
                self._tls.unwrap()
            self._flush()

    def _fill(self) -> None:
        encrypted = super().recv(_CHUNK)
        with self._lock:
            if encrypted:
                self._incoming.write(encrypted)
            else:
                self._incoming.write_eof()

    def _flush(self) -> None:
        with self._lock:
            encrypted = self._outgoing.read()
        if encrypted:
            super().sendall(encrypted)
