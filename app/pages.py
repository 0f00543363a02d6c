"""The console's files and the AsyncAPI document, and what guards every page."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CONSOLE = Path(__file__).parent / "console"
_ASYNCAPI = Path(__file__).parent / "asyncapi.json"

# The machine's own list may have another type for it, and nosniff makes a
# browser refuse a module that comes as text/plain.
mimetypes.add_type("text/javascript", ".js")

statics = StaticFiles(directory=_CONSOLE)


async def console(_: Request) -> Response:
    return FileResponse(_CONSOLE / "index.html")


async def icon(_: Request) -> Response:
    """What a browser asks for beside a document that names none, such as JSON."""
    return FileResponse(_CONSOLE / "icon.svg")


async def asyncapi(_: Request) -> Response:
    return FileResponse(_ASYNCAPI)


def content_security_policy(host: str) -> str:
    """host: as the Host header has it.

    'self' covers wss: of the same host in newer browsers only (CSP 3, section
    6.7.2.8), so it is named; except an IPv6 address, which the grammar lacks.
    """
    named = f" wss://{host}" if re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self'{named}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Middleware: every HTTP answer carries them, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = content_security_policy(Headers(scope=scope).get("host", ""))
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                # Isolated from other origins a page gets a clock of 5 to 20
                # microseconds; otherwise up to a millisecond, as long as an echo.
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Embedder-Policy"] = "require-corp"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, guarded)
