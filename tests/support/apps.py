"""Apps that are not ours, for APP."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello from another app\n")


plain = Starlette(routes=[Route("/hello", hello)])


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts, and never answers a request."""
    if scope["type"] == "lifespan":
        await plain(scope, receive, send)
    else:
        await asyncio.Event().wait()
