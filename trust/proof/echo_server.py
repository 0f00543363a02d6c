"""A test server with a given leaf, against which clients are proven.

Clients use it if the stack is down. Browsers always use it: they need a page that opens
the WebSocket, and nginx would rightly refuse that page's origin. The page comes over
plain HTTP, so that it loads and reports even in a browser that does not trust the leaf.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import logging
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from trust.clients.base import Target

PASS = "pass"  # noqa: S105 - what the page reports
_HOST = "127.0.0.1"  # the stack's default: ::1 is in the leaf, but not bound
_TIMEOUT = 5.0  # of a handshake; one that hangs delays the end for as long
_LONGEST_REPORT = 4096
_POLL = 0.1

# A refused client is a result here, not an event for a log.
_LOG = logging.Logger("trust.proof.echo_server")
_LOG.addHandler(logging.NullHandler())

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>wss-stack: checking this browser</title>
<link rel="icon" href="data:,">
<p id="text">Opening a WebSocket ...</p>
<script>
const url = {url}, sent = {sent};
let reported = false;
function report(text) {{
  if (reported) return;
  reported = true;
  document.getElementById("text").textContent = text;
  fetch(location.pathname, {{method: "POST", body: text}});
}}
try {{
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(sent);
  socket.onmessage = (event) =>
    report(event.data === sent ? "pass" : "the echo was " + String(event.data).slice(0, 80));
  socket.onclose = (event) => report("the WebSocket closed with " + event.code);
}} catch (error) {{
  report(String(error));
}}
</script>
</html>
"""


@dataclass
class Visit:
    """One browser's page, at an address that only this browser knows."""

    url: str
    token: str
    _report: str | None = None
    _reported: threading.Event = field(default_factory=threading.Event)

    def report(self, text: str) -> None:
        """Takes the page's report; only the first one counts."""
        if not self._reported.is_set():
            self._report = text
            self._reported.set()

    def result(self, seconds: float, ended: Callable[[], bool] = lambda: False) -> str | None:
        """The page's report, PASS or an error; None after these seconds.

        ended: whether the browser has ended, so that no report can come.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            gone = ended()
            if self._reported.wait(_POLL) or gone:
                break
        return self._report


class Probe:
    """A running server; see serve."""

    def __init__(self, port: int, page_port: int) -> None:
        self._page_port = page_port
        self._visits: dict[str, Visit] = {}
        self.target = Target(port, visit=self.visit)

    def visit(self) -> Visit:
        """A new page for one browser."""
        token = secrets.token_urlsafe(16)
        visit = Visit(f"http://{_HOST}:{self._page_port}/{token}", token)
        self._visits[f"/{token}"] = visit
        return visit

    def at(self, path: str) -> Visit | None:
        return self._visits.get(path)


@contextlib.contextmanager
def serve(leaf: Path, names: Path | None = None) -> Iterator[Probe]:
    """Serves an echo at wss://localhost:PORT/ws, and 200 at https://localhost:PORT/.

    leaf: the key and the chain in one file.
    names: a leaf without addresses, which clients get that send a host name (bun accepts
        no other); by default the file beside leaf.
    Raises OSError, also as ssl.SSLError, for a leaf that cannot be served.
    """
    names = names or leaf.with_name("leaf-names.pem")
    tls = _context(leaf)
    if names.is_file():
        tls.sni_callback = _by_name(_context(names))
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(_echoing(tls))
        # Entered at once, so that the socket is closed even if the next line fails.
        pages = stack.enter_context(_Pages((_HOST, 0), _Handler))
        probe = pages.probe = Probe(port, pages.server_port)
        thread = threading.Thread(target=pages.serve_forever, args=(_POLL,), daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(pages.shutdown)
        yield probe


@contextlib.contextmanager
def _echoing(tls: ssl.SSLContext) -> Iterator[int]:
    """The port of an echo server, which runs in an event loop in another thread.

    websockets' blocking server would use one TLS object in two threads, and with that a
    handshake may fail (https://github.com/python/cpython/issues/151508).
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_start(tls), loop).result()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(tls: ssl.SSLContext) -> Server:
    return await serve_websocket(
        _echo, _HOST, 0, ssl=tls, process_request=_answer, open_timeout=_TIMEOUT, logger=_LOG
    )


async def _stop(server: Server) -> None:
    server.close()
    await server.wait_closed()


def _context(leaf: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(leaf)
    return tls


def _by_name(named: ssl.SSLContext) -> Callable[[ssl.SSLObject, str | None, object], None]:
    def choose(connection: ssl.SSLObject, name: str | None, _: object) -> None:
        if name:
            connection.context = named

    return choose


async def _echo(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


def _answer(_: ServerConnection, request: Request) -> Response | None:
    """200 for a plain request; None leaves a handshake to the echo."""
    if request.path == "/ws":
        return None
    status, reason = (200, "OK") if request.path == "/" else (404, "Not Found")
    body = b"wss-stack: this server only proves that its certificate is trusted\n"
    headers = Headers(
        {"Content-Type": "text/plain", "Content-Length": str(len(body)), "Connection": "close"}
    )
    return Response(status, reason, headers, body)


class _Pages(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle connection of a browser must not delay the end
    probe: Probe

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores errors: a browser that is killed does not close its connections."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Pages
    timeout = _TIMEOUT

    def do_GET(self) -> None:
        visit = self.server.probe.at(self.path)
        if not visit:
            return self.send_error(404)
        url = self.server.probe.target.wss
        page = _PAGE.format(url=json.dumps(url), sent=json.dumps(visit.token))
        return self._send(page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        visit = self.server.probe.at(self.path)
        if not visit:
            return self.send_error(404)
        length = min(int(self.headers.get("Content-Length", "0")), _LONGEST_REPORT)
        visit.report(self.rfile.read(length).decode(errors="replace"))
        return self._send(b"", "text/plain")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Logs nothing; see _LOG."""

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
