"""WebSockets over HTTP/2 and HTTP/3 through the second door, and none through the front one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hyperframe.frame import DataFrame, SettingsFrame

from tests.support import browser, frames, http3
from tests.support.http2 import Http2, headers, websocket
from tests.support.running import Running
from tests.support.second_door import Door, door
from tests.support.waiting import until

ENABLE_CONNECT_PROTOCOL = 8  # RFC 8441, section 3
FOREIGN = "https://evil.example"


@pytest.fixture(scope="module")
def second(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(shared, tmp_path_factory.mktemp("door")) as opened:
        yield opened


def origin(door: Door) -> str:
    return f"https://localhost:{door.port}"


@contextlib.contextmanager
def opened(door: Door, origin: str) -> Iterator[tuple[Http2, int]]:
    """A connection, and the answer to the handshake on its first stream."""
    client = Http2(door.stack, door.port)
    with client.raw:
        client.send(headers(1, websocket(door.port, origin), "END_HEADERS"))
        yield client, client.status()


def echoed(client: Http2, opcode: int, message: bytes) -> bytes:
    """The frame that comes back."""
    client.send(DataFrame(1, frames.frame(opcode, message)))
    return next(f.data for f in client.frames() if isinstance(f, DataFrame) and f.data)


def test_a_websocket_over_http2_is_echoed_and_its_close_mirrored(second: Door) -> None:
    with opened(second, origin(second)) as (client, status):
        assert status == 200
        assert echoed(client, 1, b"over h2") == b"\x81\x1bServer Response to: over h2"
        reason = (4321).to_bytes(2) + b"done"
        assert echoed(client, 8, reason) == b"\x88\x06" + reason


def test_a_websocket_over_http3_is_echoed(second: Door) -> None:
    answer = http3.echo(second.port, second.stack.root, origin(second), b"over h3")
    assert answer == (200, b"\x81\x1bServer Response to: over h3")


def test_a_foreign_origin_is_refused_by_nginx_over_both(second: Door) -> None:
    with opened(second, FOREIGN) as (_, status):
        assert status == 403
    assert http3.echo(second.port, second.stack.root, FOREIGN, b"")[0] == 403


def test_a_new_leaf_is_served_and_an_open_websocket_stays(second: Door) -> None:
    with opened(second, origin(second)) as (client, _):
        before = second.stack.serial(second.port)
        second.stack.in_certs("remove_leaf")
        until(lambda: second.stack.serial(second.port) != before, "another leaf")
        assert echoed(client, 1, b"still here") == b"\x81\x1eServer Response to: still here"


def requests(door: Door) -> list[dict[str, Any]]:
    """Of Caddy's log, which has them when they are over."""
    lines = [line for line in door.logs().splitlines() if '"handled request"' in line]
    return [json.loads(line[line.index("{") :])["request"] for line in lines]


def talk(stack: Running, port: int, home: Path, query: str) -> None:
    """A page's script opens a WebSocket to the server that the page came from.

    query: what these requests are known by in a log."""
    browser.trust_in_chromium(home, stack.root)
    with browser.chromium(home) as chromium:
        page = browser.Tab(chromium, f"https://localhost:{port}").page
        page.goto(f"/.wss-stack/console/?{query}")
        answer = page.evaluate(
            """query => new Promise((resolve, reject) => {
                const socket = new WebSocket(`/sockets?${query}`);
                socket.onerror = () => reject(new Error("refused"));
                socket.onopen = () => socket.send("from a page");
                socket.onmessage = ({data}) => { socket.close(1000); resolve(data); };
            })""",
            query,
        )
        assert answer == "Server Response to: from a page"


def test_chromium_opens_it_on_the_pages_own_connection(second: Door, tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    talk(second.stack, second.port, tmp_path, "second")

    def ports(uri: str) -> set[str]:
        return {
            r["remote_port"]
            for r in requests(second)
            if r["uri"] == uri and r["proto"] == "HTTP/2.0"
        }

    until(lambda: ports("/sockets?second"), "the WebSocket in Caddy's log")
    assert ports("/sockets?second") <= ports("/.wss-stack/console/?second")


def test_front_door_offers_none_so_chromium_opens_one_beside_it(
    stack: Running, tmp_path: Path
) -> None:
    browser.skip_without("chromium", "certutil")
    if stack.http2:
        client = Http2(stack)
        with client.raw:
            settings = next(f for f in client.frames() if isinstance(f, SettingsFrame))
        assert ENABLE_CONNECT_PROTOCOL not in settings.settings
    talk(stack, stack.https_port, tmp_path, "front")

    def protocols(uri: str) -> set[str]:
        """Of this request, in nginx's log."""
        lines = [line for line in stack.logs().splitlines() if f'"uri":"{uri}"' in line]
        return {json.loads(line[line.index("{") :])["protocol"] for line in lines}

    assert until(lambda: protocols("/sockets?front"), "the WebSocket in nginx's log") == {
        "HTTP/1.1"
    }
    page = protocols("/.wss-stack/console/?front")
    assert page == {"HTTP/2.0" if stack.http2 else "HTTP/1.1"}
