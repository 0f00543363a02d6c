"""The examples with a server of their own, started as their READMEs say.

Vite and the static page listen on the loopback, which nginx in a container cannot
reach: they are for local mode alone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from certs.dotenv import CHECKOUT
from tests.support import browser
from tests.support.asking import ask
from tests.support.examples import background, block, run, settings, stop
from tests.support.ports import free_port
from tests.support.running import Running


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples in it: npm writes into them."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("node_modules")
    shutil.copytree(CHECKOUT / "examples", folder / "examples", ignore=ignored)
    return folder


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Running]:
    """As `own`, of local mode alone."""
    stack = Running("local", tmp_path)
    yield stack
    print(stack.logs()[-20000:])  # pytest shows it if the test failed
    stack.remove()


def lines(example: str, number: int, stack: Running, port: int) -> list[str]:
    """Of a README's sh block, on ports that nobody else has."""
    ports = (("3000", str(port)), ("8443", str(stack.https_port)))
    found = []
    for line in block(example, number):
        for documented, ours in ports:
            line = line.replace(documented, ours)
        found.append(line)
    return found


def install(line: str, copy: Path, example: str) -> None:
    """Once for both modes."""
    browser.skip_without("node", "npm")
    if not (copy / "examples" / example / "node_modules").exists():
        run(line, copy)


def received(client: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(client.recv(timeout=10))
    return message


def test_a_node_server_tells_all_and_knows_who_asks(own: Running, copy: Path) -> None:
    port = free_port()
    npm_install, npm_start, make_up = lines(
        "node-ws", ("local", "docker").index(own.mode), own, port
    )
    install(npm_install, copy, "node-ws")
    with background(npm_start, copy, port) as server:
        own.up(**settings(make_up))
        page = ask(own, "/")[1]
        assert '<script type="module" src="/page.js"></script>' in page
        with own.connect(origin=own.url) as ada, own.connect(origin=own.url) as bob:
            hello = received(ada)
            # Whatever a client claims, nginx says who it is.
            forged = {"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "forged"}
            with own.connect(additional_headers=forged) as eve:
                assert received(eve)["client"] == hello["client"]
            assert received(bob)["client"] == hello["client"]
            ada.send("hello")
            for reader in (ada, bob):
                said = {"type": "said", "client": hello["client"], "text": "hello"}
                assert received(reader) == said
            bob.send(b"binary")
            assert closed_with(bob) == 1003
            stop(server)
            assert closed_with(ada) == 1012
        # The id that the app knows is the one in nginx's log.
        assert '"status":101' in own.wait_for_log(hello["id"])


def test_a_node_servers_page_talks_in_a_browser(local: Running, copy: Path, tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    port = free_port()
    npm_install, npm_start, make_up = lines("node-ws", 0, local, port)
    install(npm_install, copy, "node-ws")
    with background(npm_start, copy, port):
        local.up(**settings(make_up))
        browser.trust_in_chromium(tmp_path, local.root)
        with (
            browser.chromium(tmp_path) as chromium,
            local.connect(origin=local.url) as bob,
        ):
            tab = browser.Tab(chromium, local.url)
            tab.page.goto("/")
            tab.page.get_by_text(f"Connected as {received(bob)['client']}").wait_for()
            bob.send("<b>hello</b>")
            tab.page.get_by_text(": <b>hello</b>").wait_for()
            assert received(bob)["text"] == "<b>hello</b>"
            tab.page.get_by_label("Message").fill("hello from a page")
            tab.page.keyboard.press("Enter")
            assert received(bob)["text"] == "hello from a page"
            tab.assert_no_other_complaint()


def closed_with(client: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed):
        client.recv(timeout=10)
    return client.close_code


def test_vite_serves_and_updates_through_nginx(local: Running, copy: Path) -> None:
    port = free_port()
    npm_install, npm_dev, make_up = lines("vite", 0, local, port)
    browser.skip_without("node", "npm")
    skip_on_node_before(20, 19)
    install(npm_install, copy, "vite")
    with background(npm_dev, copy, port):
        local.up(**settings(make_up))
        assert 'src="/@vite/client"' in ask(local, "/")[1]
        token = re.search(r'wsToken = "([^"]+)"', ask(local, "/@vite/client")[1])
        assert token is not None
        assert "text.js" in ask(local, "/main.js")[1]
        assert '"Change me' in ask(local, "/text.js")[1]
        with local.connect(
            f"/?token={token[1]}", origin=local.url, subprotocols=["vite-hmr"]
        ) as client:
            assert client.subprotocol == "vite-hmr"
            assert received(client)["type"] == "connected"
            source = copy / "examples" / "vite" / "text.js"
            source.write_text(source.read_text().replace("Change me", "Changed"))
            (update,) = received(client)["updates"]
            assert update["acceptedPath"] == "/text.js"
        assert '"Changed' in ask(local, f"/text.js?t={update['timestamp']}")[1]


def skip_on_node_before(*needed: int) -> None:
    version = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if tuple(map(int, version.lstrip("v").split(".")))[: len(needed)] < needed:
        pytest.skip(f"Vite needs Node {'.'.join(map(str, needed))}, here is {version}")


def test_a_page_of_another_origin_is_refused_until_it_is_allowed(
    local: Running, tmp_path: Path
) -> None:
    browser.skip_without("chromium", "certutil")
    port = free_port()
    static_server, make_up = lines("static-page", 0, local, port)
    (make_up_allowed,) = lines("static-page", 1, local, port)
    page = f"https://page.localhost:{local.https_port}"
    with background(static_server, CHECKOUT, port):
        local.up(**settings(make_up))
        browser.trust_in_chromium(tmp_path, local.root)
        with browser.chromium(tmp_path) as chromium:
            tab = browser.Tab(chromium, page)
            tab.expect_complaint(r"WebSocket.* 403")
            tab.page.goto("/")
            tab.page.get_by_text("refused or lost (1006)").wait_for()
            assert f'"origin":"{page}"' in local.wait_for_log('"status":403')

            local.up(**settings(make_up_allowed))
            tab.page.reload()
            tab.page.get_by_text("answered: hello from another origin").wait_for()
            tab.assert_no_other_complaint()
