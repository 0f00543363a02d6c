"""Cross-site WebSocket hijacking: what the check of the origin is for.

A browser opens a WebSocket for any page, to anywhere, and may send the cookies of
where it goes. So an app that knows its users by a cookie alone takes a foreign
page for its user.
"""

from __future__ import annotations

import contextlib
import secrets
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.support import browser, programs
from tests.support.asking import ask
from tests.support.running import Running, running
from tests.support.upstreams import bound, reached

EVIL = "https://evil.example"
SECRET = "Ada has 100 pounds"  # noqa: S105 # no password

OPEN = programs.source("pages/open_socket.js")


class Bank:
    """Knows its user by a cookie alone, as many apps do."""

    def __init__(self) -> None:
        self.port = 0
        self.opened_by: list[str | None] = []  # origins
        self._session = f"session={secrets.token_urlsafe()}"

    def http(self, connection: ServerConnection, request: Request) -> Response | None:
        if "websocket" in request.headers.get("Upgrade", ""):
            return None
        response = connection.respond(200, "signed in\n")
        response.headers["Set-Cookie"] = f"{self._session}; Secure; HttpOnly; SameSite=Strict"
        return response

    def websocket(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.opened_by.append(connection.request.headers.get("Origin"))
        if connection.request.headers.get("Cookie") == self._session:
            connection.send(SECRET)
        else:
            connection.close(4401, "sign in first")


@contextlib.contextmanager
def open_bank(bind: str) -> Iterator[Bank]:
    bank = Bank()
    with serving(serve(bank.websocket, bind, 0, process_request=bank.http)) as bank.port:
        yield bank


@contextlib.contextmanager
def foreign_page(leaf: Path) -> Iterator[str]:
    """A page at another port of localhost, so of the same site; its origin."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(leaf)

    def page(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(200, "a page\n")

    server = serve(lambda _: None, "127.0.0.1", 0, process_request=page, ssl=tls)
    with serving(server) as port:
        yield f"https://localhost:{port}"


@contextlib.contextmanager
def serving(server: Server) -> Iterator[int]:
    """Its port."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        thread.join()


def read(stack: Running, origin: str, cookie: str) -> str | bytes:
    """What a page of this origin gets to see in a browser that sends this cookie."""
    with stack.connect("/", origin=origin, additional_headers={"Cookie": cookie}) as client:
        return client.recv(timeout=10)


def test_a_foreign_page_cannot_use_its_visitors_cookie(own: Running) -> None:
    with open_bank(bound(own.mode)) as bank:
        upstream = reached(own.mode, bank.port)
        own.up(UPSTREAM=upstream)
        cookie = ask(own, "/sign-in")[0].headers["Set-Cookie"].partition(";")[0]

        assert read(own, own.url, cookie) == SECRET
        with pytest.raises(ConnectionClosed, match="sign in first"):
            read(own, own.url, "session=of-nobody")
        with pytest.raises(InvalidStatus) as refused:
            read(own, EVIL, cookie)
        assert refused.value.response.status_code == 403
        # It did not even reach the app.
        assert bank.opened_by == [own.url, own.url]

        # The control: nothing but the origin stood between that page and the secret.
        own.up(UPSTREAM=upstream, ALLOWED_ORIGINS=EVIL)
        assert read(own, EVIL, cookie) == SECRET
        assert bank.opened_by[-1] == EVIL


def test_cookie_with_samesite_strict_is_no_replacement_in_a_browser(tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    with open_bank("127.0.0.1") as bank:
        upstream = f"127.0.0.1:{bank.port}"
        with running("local", tmp_path, UPSTREAM=upstream) as stack:
            browser.trust_in_chromium(tmp_path, stack.root)
            url = stack.url.replace("https", "wss", 1)
            leaf = stack.settings.certs.leaf_dir / "leaf.pem"
            with foreign_page(leaf) as evil, browser.chromium(tmp_path) as chromium:
                tab = browser.Tab(chromium, stack.url)
                tab.expect_complaint("WebSocket.* 403")
                tab.page.goto("/sign-in")
                tab.page.goto(evil)
                assert tab.page.evaluate(OPEN, url) == "closed with 1006"
                assert bank.opened_by == []

                stack.up(UPSTREAM=upstream, ALLOWED_ORIGINS=evil)
                assert tab.page.evaluate(OPEN, url) == SECRET
                assert bank.opened_by == [evil]
                tab.assert_no_other_complaint()
