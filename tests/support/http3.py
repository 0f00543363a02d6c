"""A WebSocket over HTTP/3 (RFC 9220), with aioquic."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

from tests.support import frames, http2

_TIMEOUT = 10  # seconds


class _Client(QuicConnectionProtocol):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.http = H3Connection(self._quic)
        self.events: asyncio.Queue[H3Event] = asyncio.Queue()

    def quic_event_received(self, event: QuicEvent) -> None:
        for happened in self.http.handle_event(event):
            self.events.put_nowait(happened)


def echo(port: int, root: Path, origin: str, message: bytes) -> tuple[int, bytes]:
    """The handshake's status, and the server's first frame; none after a refusal.

    The server is verified against the root alone. Raises TimeoutError, ConnectionError.
    """
    return asyncio.run(asyncio.wait_for(_echo(port, root, origin, message), _TIMEOUT))


async def _echo(port: int, root: Path, origin: str, message: bytes) -> tuple[int, bytes]:
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, server_name="localhost")
    configuration.load_verify_locations(cafile=str(root))
    async with connect(
        "127.0.0.1", port, configuration=configuration, create_protocol=_Client
    ) as client:
        assert isinstance(client, _Client)
        stream = client._quic.get_next_available_stream_id()
        fields = http2.websocket(port, origin)
        client.http.send_headers(stream, [(n.encode(), v.encode()) for n, v in fields])
        client.transmit()
        answer = await client.events.get()
        assert isinstance(answer, HeadersReceived), answer
        status = int(dict(answer.headers)[b":status"])
        if status != 200:
            return status, b""
        client.http.send_data(stream, frames.frame(1, message), end_stream=False)
        client.transmit()
        data = await client.events.get()
        assert isinstance(data, DataReceived), data
        return status, data.data
