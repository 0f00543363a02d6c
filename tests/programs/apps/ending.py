"""Greets; ends without a word where /end is opened; its startup fails with text in FAILS."""

import contextlib
import os
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

TEXT = "one"
FAILS = ""


@contextlib.asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    if FAILS:
        raise RuntimeError(FAILS)
    yield


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse(TEXT)


async def end(websocket: WebSocket) -> None:
    await websocket.accept()
    os._exit(7)


routes = [Route("/hello", hello), WebSocketRoute("/end", end)]
app = Starlette(routes=routes, lifespan=lifespan)
