"""Leaves every WebSocket handshake without an answer."""

import asyncio

from starlette.types import Receive, Scope, Send


async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
    if scope["type"] == "websocket":
        await asyncio.Event().wait()
