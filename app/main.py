"""The default ASGI app: routes only."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from app import echo

CONSOLE = Path(__file__).parent / "console"
_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def page(_: Request) -> Response:
    return FileResponse(CONSOLE / "index.html")


async def script(_: Request) -> Response:
    return FileResponse(CONSOLE / "console.js", media_type="text/javascript")


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n")


app = Starlette(
    routes=[
        WebSocketRoute("/ws", echo.ws),
        WebSocketRoute("/sockets", echo.sockets),
        Route("/ws", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/sockets", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/healthz", healthz),
        Route("/console.js", script),
        Route("/", page),
    ]
)
