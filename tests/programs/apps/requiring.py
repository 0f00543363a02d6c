"""Tells each WebSocket at /talk whether the package iniconfig is installed."""

import importlib.util

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(str(importlib.util.find_spec("iniconfig") is not None))
    await websocket.receive()


app = Starlette(routes=[WebSocketRoute("/talk", talk)])
