"""Serves an app, and loads it again when its files are saved: uvicorn's reload, supervised.

With uvicorn alone, a save that breaks the app leaves a socket that listens and no app: every
client hangs, and the process looks ok. Here every request gets the reason, until the next
save. If the app ends in any other way, this process ends too, and its supervisor starts it
again.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors.watchfilesreload import WatchFilesReload

from uvicorn_runner import figures, loading
from uvicorn_runner.health import FAILED
from uvicorn_runner.settings import SettingError, Settings

STARTUP_FAILURE = 3  # uvicorn's exit status for it

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def run(settings: Settings, arguments: dict[str, Any]) -> int:
    """Serves until a signal or the app's end, and returns the exit status.

    arguments: uvicorn's, with reload.
    """
    config = uvicorn.Config(settings.app, **arguments)
    listening = config.bind_socket()
    reloader = _Reloader(config, functools.partial(serve, settings, arguments, False), [listening])
    reloader.again = functools.partial(serve, settings, arguments, True)
    try:
        reloader.run()
    finally:
        if config.uds:
            Path(config.uds).unlink(missing_ok=True)
    return reloader.status


class _Reloader(WatchFilesReload):
    again: Callable[..., None]  # the target after a save
    status = 0

    def startup(self) -> None:
        super().startup()
        signal.signal(signal.SIGCHLD, self._child_ended)
        self._child_ended()  # the child may have ended before the handler was there

    def restart(self) -> None:
        self.is_restarting, self.target = True, self.again
        super().restart()
        self.is_restarting = False
        self._child_ended()

    def _child_ended(self, *_: object) -> None:
        if self.is_restarting or self.should_exit.is_set() or self.process.is_alive():
            return
        code = self.process.exitcode or 0
        if code == -signal.SIGKILL:
            why = "was killed, perhaps because it took more memory than APP_MEMORY"
            print(f"app: {self.config.app} {why}; give it more: APP_MEMORY=4g make up", flush=True)
        self.status = code if code >= 0 else 128 - code
        self.should_exit.set()


def serve(
    settings: Settings,
    arguments: dict[str, Any],
    saved: bool,
    sockets: list[socket] | None = None,
) -> None:
    """Runs in the process that serves the app. If the app does not start: raises SystemExit
    at first, and serves the reason after a save."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if settings.figures:
        figures.serve(settings.figures)
    with loading.imports_from(settings.folder):
        _serve(settings.app, arguments, saved, sockets)


def _end_with_parent() -> None:
    """Ends this process with SIGTERM, so that its clients are told, when the parent is killed:
    nobody would reload it any more."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _serve(app: str, arguments: dict[str, Any], saved: bool, sockets: list[socket] | None) -> None:
    server = uvicorn.Server(uvicorn.Config(app, **arguments))
    why = ""
    try:
        loading.load_or_explain(app)
        server.run(sockets)
    except SettingError as error:
        why = str(error)
    except SystemExit:
        if server.started:
            raise
        why = f"APP is {app!r}: its startup failed; the traceback is in the log"
    if not why:
        return
    if not saved:
        print(f"app: {why}", file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
    logging.getLogger("app").error("%s; waiting for a file to be saved", why)
    uvicorn.Server(
        uvicorn.Config(refusing(why), **{**arguments, "reload": False, "lifespan": "off"})
    ).run(sockets)


def refusing(why: str) -> Application:
    """An app that answers every request and every handshake with 503 and the reason.

    Plain ASGI, because no package but the failed app's own may be installed.
    """

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        kind = "http.response"
        if scope["type"] == "websocket":
            await receive()
            kind = "websocket.http.response"
        headers = {
            "content-type": "text/plain; charset=utf-8",
            "cache-control": "no-store",
            "retry-after": "1",
            FAILED.lower(): "1",
        }
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": f"{kind}.start", "status": 503, "headers": pairs})
        await send({"type": f"{kind}.body", "body": f"{why}\n".encode()})

    return answer
