"""The default ASGI app: routes only."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute

from app import echo, handshake, pages

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n")


app = Starlette(
    routes=[
        WebSocketRoute("/ws", echo.ws),
        WebSocketRoute("/sockets", echo.sockets),
        WebSocketRoute("/handshake", handshake.websocket),
        Route("/ws", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/sockets", echo.upgrade_required, methods=_ANY_METHOD),
        Route("/handshake", handshake.http),
        Route("/healthz", healthz),
        Route("/asyncapi.json", pages.asyncapi),
        Mount("/console", pages.statics),
        Route("/favicon.ico", pages.icon),
        Route("/", pages.console),
    ],
    middleware=[Middleware(pages.SecurityHeaders)],
)
