"""Servers that are not ours, for UPSTREAM and SITES."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve


@contextlib.contextmanager
def somebodys_server(name: str, bind: str, port: int = 0) -> Iterator[int]:
    """Says who it is and what it was asked, by HTTP and by WebSocket; its port."""

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        if "websocket" in request.headers.get("Upgrade", ""):
            return None
        told = {"name": name, "headers": dict(request.headers.raw_items())}
        return connection.respond(200, json.dumps(told))

    def talk(connection: ServerConnection) -> None:
        request = connection.request
        assert request
        for message in connection:
            if message == "headers?":
                connection.send(json.dumps(dict(request.headers.raw_items())))
            else:
                connection.send(f"{name}: {message!r}")

    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listening = socket.create_server((bind, port), family=family)
    with serve(talk, sock=listening, process_request=answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
