"""/handshake: describes the handshake that reached the app, with the headers that nginx added.

A GET gets its own description, and a WebSocket its own.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from app import echo

# nginx overwrites these headers (nginx/snippets/proxy_headers.conf), so no client
# can choose them. Without nginx in front they would prove nothing.
_FORWARDED = (
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
)


def describe(connection: HTTPConnection) -> dict[str, Any]:
    """The answer's JSON. Unknown values are None; so is tls for a connection without TLS."""
    headers = connection.headers
    protocol = f"HTTP/{connection.scope['http_version']}"
    tls = {
        "version": headers.get("x-tls-version"),
        "cipher": headers.get("x-tls-cipher"),
        "group": headers.get("x-tls-group"),
    }
    return {
        "scheme": connection.url.scheme,
        "host": headers.get("host"),
        "path": connection.url.path,
        "client": connection.client.host if connection.client else None,
        "http_version": headers.get("x-http-version", protocol),
        "http_version_to_app": protocol,
        "tls": tls if tls["version"] else None,
        "request_id": headers.get("x-request-id"),
        "origin": headers.get("origin"),
        "forwarded": {name: headers[name] for name in _FORWARDED if name in headers},
        "websocket": _websocket(connection),
    }


async def http(request: Request) -> Response:
    return JSONResponse(describe(request), headers={"Cache-Control": "no-store"})


async def websocket(websocket: WebSocket) -> None:
    """Sends the description as one message, then closes with 1000."""
    await websocket.accept(subprotocol=echo.subprotocol(websocket))
    await websocket.send_json(describe(websocket))
    await websocket.close(1000, "that was the handshake")


def _websocket(connection: HTTPConnection) -> dict[str, Any] | None:
    if connection.scope["type"] != "websocket":
        return None
    extensions = connection.headers.getlist("sec-websocket-extensions")
    return {
        "version": connection.headers.get("sec-websocket-version"),
        "subprotocols": list(connection.scope["subprotocols"]),
        "extensions": [one.strip() for line in extensions for one in line.split(",")],
    }
