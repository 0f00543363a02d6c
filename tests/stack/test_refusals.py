"""What nginx says itself where the server behind gives nothing to pass on."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket
import threading
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from stack.local import supervisor
from tests.support.asking import ask
from tests.support.ports import free_port
from tests.support.running import Running
from tests.support.upstreams import bound, reached

MIB = 1024 * 1024


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers the status that its path is, in words of its own."""

    def do_GET(self) -> None:
        self.send_response(int(self.path[1:] or 200))
        self.end_headers()
        self.wfile.write(b"said by the app")

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def refusing_server(bind: str) -> Iterator[int]:
    with http.server.ThreadingHTTPServer((bind, 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def silent_server(bind: str) -> Iterator[int]:
    """Takes no connection: its queue is full, and it never empties it."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server((bind, 0), backlog=0))
        port = server.getsockname()[1]
        for _ in range(2):
            queued = stack.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(("127.0.0.1", port))
        yield port


def test_an_upstream_that_is_down_is_named_and_its_own_answers_pass(own: Running) -> None:
    with refusing_server(bound(own.mode)) as port:
        upstream = reached(own.mode, port)
        own.up(UPSTREAM=upstream)
        for status in (413, 502, 504):
            response, body = ask(own, f"/{status}")
            assert (response.status, body) == (status, "said by the app")
    response, body = ask(own, "/")
    assert response.status == 502
    assert f"UPSTREAM {upstream}" in body
    assert "make logs" in body


def test_a_site_that_is_down_is_named_to_browsers_and_websockets(own: Running) -> None:
    site = f"api.localhost={reached(own.mode, free_port())}"
    own.up(SITES=site)
    for path in ("/", "/index.html"):
        response, body = ask(own, path, {"Host": "api.localhost"})
        assert response.status == 502
        assert f"SITES {site}" in body
        assert response.getheader("Content-Type") == "text/plain"
    with pytest.raises(InvalidStatus) as refused, own.connect("/", host="api.localhost"):
        pass
    assert refused.value.response.status_code == 502
    assert f"SITES {site}" in (refused.value.response.body or b"").decode()
    assert ask(own, "/healthz")[0].status == 200


def test_an_app_that_is_down_is_named_without_where_it_is(own: Running) -> None:
    own.up()
    if own.mode == "docker":
        own.compose("stop", "app")
    else:
        sockets = (own.folder / "run" / "runtime").resolve()
        supervisor.Supervisor(sockets / "supervisor.sock").stop("app")
    response, body = ask(own, "/")
    # A container that has just gone is silent; one that is gone has no address.
    assert response.status == (504 if own.mode == "docker" else 502)
    assert "the app" in body
    assert "make logs" in body
    assert ".sock" not in body


def test_a_server_that_takes_no_connection_is_named(own: Running) -> None:
    with silent_server(bound(own.mode)) as port:
        site = f"api.localhost={reached(own.mode, port)}"
        own.up(SITES=site)
        response, body = ask(own, "/", {"Host": "api.localhost"})
    assert response.status == 504
    assert f"SITES {site} did not answer in time" in body
    assert "make logs" in body


def posted(
    stack: Running, body: Iterator[bytes] | bytes | None, length: int | None = None
) -> tuple[int, str]:
    client = http.client.HTTPSConnection("localhost", stack.https_port, timeout=30)
    headers = {} if length is None else {"Content-Length": str(length)}
    with stack.tls_socket() as client.sock:
        client.request("POST", "/upload.html", body, headers)
        response = client.getresponse()
        return response.status, response.read().decode()


def test_a_body_beyond_the_limit_is_413_with_the_limit(stack: Running) -> None:
    chunked = (bytes(MIB) for _ in range(17))
    for status, text in (posted(stack, None, 16 * MIB + 1), posted(stack, chunked)):
        assert status == 413
        assert "16 MiB" in text
        assert "client_max_body_size" in text


def test_a_body_within_the_limit_reaches_the_app(stack: Running) -> None:
    assert posted(stack, bytes(16 * MIB))[0] == 404
