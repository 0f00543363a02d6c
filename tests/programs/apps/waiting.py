"""Starts when a file called `go` lies beside it, and says so at /hello."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

GO = Path(__file__).with_name("go")


@contextlib.asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    while not GO.exists():
        await asyncio.sleep(0.05)
    yield


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


app = Starlette(routes=[Route("/hello", hello)], lifespan=lifespan)
