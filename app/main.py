"""The echo app that runs where APP is unset: routes only."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from app import echo, handshake

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def console(_: Request) -> Response:
    """Leads to the console, which nginx serves."""
    # 307 and no-store: many projects share localhost, and a browser would keep a
    # permanent redirect for all of them.
    return RedirectResponse("/.wss-stack/console/", 307, {"Cache-Control": "no-store"})


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n")


async def asyncapi(_: Request) -> Response:
    # Without no-cache a browser may show the file of an earlier version for days.
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(Path(__file__).parent / "asyncapi.json", headers=headers)


app = Starlette(
    routes=[
        WebSocketRoute("/ws", echo.ws),
        WebSocketRoute("/sockets", echo.sockets),
        WebSocketRoute("/handshake", handshake.websocket),
        Route("/ws", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/sockets", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/handshake", handshake.http),
        Route("/healthz", healthz),
        Route("/asyncapi.json", asyncapi),
        Route("/", console),
    ]
)
