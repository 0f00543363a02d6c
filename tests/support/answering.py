"""A server behind nginx whose answers have the headers that a test wants."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

Headers = Sequence[tuple[str, str]]


@contextlib.contextmanager
def answering(bind: str, answers: Mapping[str, Headers], status: int = 200) -> Iterator[int]:
    """Has the headers of the path in its answers, to handshakes too; its port."""

    def plain(connection: ServerConnection, request: Request) -> Response | None:
        if "websocket" in request.headers.get("Upgrade", ""):
            return None
        return connection.respond(status, "from the server behind")

    def add(_: ServerConnection, request: Request, response: Response) -> Response:
        for name, value in answers.get(request.path, ()):
            response.headers[name] = value
        return response

    def talk(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(talk, bind, 0, process_request=plain, process_response=add) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
