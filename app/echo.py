"""The two WebSocket endpoints.

/ws sends each message back as it is; /sockets puts "Server Response to:" before it, as
the tutorial did that this project grew from. Each connection logs its start and its end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

Message = str | bytes

log = logging.getLogger("app.echo")

# Characters of one message that a log line shows.
_SHOWN = 200


async def ws(websocket: WebSocket) -> None:
    """Sends every message back as it came, text as text, binary as binary."""
    await serve_messages(websocket, lambda message: message, logging.DEBUG)


async def sockets(websocket: WebSocket) -> None:
    """Answers `Server Response to: <message>` in the message's own type."""
    await serve_messages(websocket, server_response, logging.INFO)


def server_response(message: Message) -> Message:
    if isinstance(message, str):
        return f"Server Response to: {message}"
    return b"Server Response to: " + message


def subprotocol(websocket: WebSocket) -> str | None:
    """The first subprotocol that the client offers: an echo speaks them all, and a browser
    whose offer is not taken up fails the connection."""
    offered: list[str] = websocket.scope["subprotocols"]
    return offered[0] if offered else None


async def upgrade_required(request: Request) -> Response:
    """Answers plain HTTP on a WebSocket endpoint with 426 (RFC 9110, section 15.5.22)."""
    return PlainTextResponse(
        f"{request.url.path} is a WebSocket endpoint; open it with wss://, "
        "or try it from the console at /.wss-stack/console/\n",
        status_code=426,
        headers={"Upgrade": "websocket", "Connection": "Upgrade"},
    )


async def serve_messages(
    websocket: WebSocket, answer: Callable[[Message], Message], level: int
) -> None:
    await websocket.accept(subprotocol=subprotocol(websocket))
    opened = time.monotonic()
    messages = size = 0  # size in bytes, text counted as UTF-8
    # From the scope: websocket.url would stay in memory as long as the connection.
    about = f"path={websocket.scope['path']} id={websocket.headers.get('x-request-id', '-')}"
    client = websocket.client.host if websocket.client else "-"
    log.info("opened %s scheme=%s client=%s", about, websocket.scope["scheme"], client)
    # Two lines for each message: what they take is asked once.
    is_logged = log.isEnabledFor(level)
    # The code that is logged if the client goes without a Close frame (RFC 6455,
    # section 7.1.5), or if the app fails.
    code, reason = 1006, ""
    try:
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                # uvicorn has answered the Close frame already, with the same code
                # and reason (section 5.5.1).
                code, reason = event["code"], event.get("reason") or ""
                break
            message = _payload(event)
            messages += 1
            size += _size(message)
            if is_logged:
                log.log(level, "received %s %s", about, Preview(message))
            reply = answer(message)
            if isinstance(reply, str):
                await websocket.send_text(reply)
            else:
                await websocket.send_bytes(reply)
            if is_logged:
                log.log(level, "replied %s %s", about, Preview(reply))
    except WebSocketDisconnect as gone:  # while a reply was on its way
        code, reason = gone.code, gone.reason
    finally:
        log.info(
            "closed %s code=%s reason=%r messages=%d bytes=%d seconds=%.3f",
            about,
            code,
            reason,
            messages,
            size,
            time.monotonic() - opened,
        )


def _payload(event: MutableMapping[str, Any]) -> Message:
    # Either key may be missing, or be there with None in it (ASGI, "Receive").
    text: str | None = event.get("text")
    data: bytes | None = event.get("bytes")
    return text if text is not None else data or b""


def _size(message: Message) -> int:
    # A text that is ASCII has as many bytes as characters: no copy is made to count them.
    if isinstance(message, bytes) or message.isascii():
        return len(message)
    return len(message.encode())


class Preview:
    """A message for the log: one line, cut; made only if the line is written."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __str__(self) -> str:
        message = self._message
        kind = "text" if isinstance(message, str) else "binary"
        cut = "..." if len(message) > _SHOWN else ""
        return f"{kind}={message[:_SHOWN]!r}{cut}"
