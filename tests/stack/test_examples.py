"""The examples that the stack serves itself, started as their READMEs say."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.support import browser
from tests.support.asking import ask
from tests.support.examples import block, settings
from tests.support.running import Running, running

chat = pytest.mark.parametrize("example", ["fastapi-chat"], scope="module")
board = pytest.mark.parametrize("example", ["django-channels"], scope="module")


@pytest.fixture(scope="module")
def shared(
    mode_or_skip: str, example: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """In the place of the shared stack: one for all tests of an example and a mode."""
    (line,) = block(example)
    with running(mode_or_skip, tmp_path_factory.mktemp(example), **settings(line)) as stack:
        yield stack


def enter(stack: Running, name: str, room: str = "hall", **options: Any) -> ClientConnection:
    return stack.connect(f"/rooms/{room}?name={name}", **options)


def event(client: ClientConnection, kind: str) -> dict[str, Any]:
    """The next one of this kind."""
    while True:
        found: dict[str, Any] = json.loads(client.recv(timeout=10))
        if found["type"] == kind:
            return found


def close_code(client: ClientConnection) -> int | None:
    """Reads to the end."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            client.recv(timeout=10)
    return client.close_code


@chat
def test_two_people_see_what_each_other_says(stack: Running) -> None:
    with enter(stack, "ada") as ada, enter(stack, "bob") as bob:
        assert event(bob, "here")["names"] == ["ada", "bob"]
        for speaker, name in ((ada, "ada"), (bob, "bob")):
            speaker.send(f"hello from {name}")
            for listener in (ada, bob):
                said = event(listener, "said")
                assert said == {"type": "said", "name": name, "text": f"hello from {name}"}
        with enter(stack, "eve", room="garden") as elsewhere:
            elsewhere.send("in another room")
            bob.send("in this one")
            assert event(ada, "said")["text"] == "in this one"


@chat
def test_person_who_goes_is_missed_and_may_come_again(stack: Running) -> None:
    with enter(stack, "ada") as ada:
        with enter(stack, "bob"), enter(stack, "bob") as another:
            assert close_code(another) == 4409
        assert event(ada, "went")["name"] == "bob"
        with enter(stack, "bob") as bob:
            assert event(ada, "came")["name"] == "bob"
            bob.socket.shutdown(socket.SHUT_RDWR)  # without a Close frame
            assert event(ada, "went")["name"] == "bob"


@chat
def test_a_wrong_message_is_refused_and_harms_nobody(stack: Running) -> None:
    with enter(stack, "ada") as ada:
        for wrong in (b"binary", "x" * 2001):
            ada.send(wrong)
            assert "text only" in event(ada, "refused")["text"]
        ada.send("right")
        assert event(ada, "said")["text"] == "right"


@chat
def test_a_slow_client_stops_nobody_and_is_told(stack: Running) -> None:
    # Not compressed, and never read: it stops taking when the buffers are full.
    unread: dict[str, Any] = {"compression": None, "max_queue": 1}
    with enter(stack, "slow", **unread) as slow, enter(stack, "ada") as ada:
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        text = "\x01" * 2000  # in JSON six bytes each
        for _ in range(4000):  # 48 MB: more than all buffers on the way hold
            ada.send(text)
            assert event(ada, "said")["text"] == text
        assert close_code(slow) == 1013


@chat
def test_page_of_the_chat_talks_in_a_browser(stack: Running, tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    browser.trust_in_chromium(tmp_path, stack.root)
    with browser.chromium(tmp_path) as chromium, enter(stack, "bob") as bob:
        tab = browser.Tab(chromium, stack.url)
        tab.page.goto("/")
        tab.page.get_by_label("Your name").fill("ada")
        tab.page.get_by_role("button", name="Join").click()
        tab.page.get_by_text("Here: ada, bob").wait_for()
        bob.send("<b>hello</b>")
        tab.page.get_by_text("bob: <b>hello</b>").wait_for()
        tab.page.get_by_label("Message").fill("hello from a page")
        tab.page.keyboard.press("Enter")
        assert event(bob, "said")["name"] == "bob"
        assert event(bob, "said")["text"] == "hello from a page"
        tab.assert_no_other_complaint()


def sign_in(stack: Running, name: str) -> httpx.Response:
    with httpx.Client(base_url=stack.url, verify=stack.tls, trust_env=False) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").text)
        assert token is not None
        form = {"name": name, "csrfmiddlewaretoken": token[1]}
        return client.post("/sign-in", data=form, headers={"Origin": stack.url})


def signed_in(stack: Running, name: str) -> ClientConnection:
    cookie = sign_in(stack, name).headers["Set-Cookie"].split(";")[0]
    return stack.connect("/board", origin=stack.url, additional_headers={"Cookie": cookie})


@board
def test_person_who_signed_in_writes_and_all_read(stack: Running) -> None:
    with signed_in(stack, "ada") as ada, signed_in(stack, "bob") as bob:
        ada.send("hello")
        for reader in (ada, bob):
            assert json.loads(reader.recv(timeout=10)) == {"name": "ada", "text": "hello"}


@board
def test_the_boards_page_signs_in_and_talks_in_a_browser(stack: Running, tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    browser.trust_in_chromium(tmp_path, stack.root)
    with browser.chromium(tmp_path) as chromium, signed_in(stack, "bob") as bob:
        tab = browser.Tab(chromium, stack.url)
        tab.page.goto("/")
        tab.page.get_by_label("Your name").fill("ada")
        tab.page.get_by_role("button", name="Sign in").click()
        tab.page.get_by_text("Signed in as ada. Connected").wait_for()
        bob.send("<b>hello</b>")
        tab.page.get_by_text("bob: <b>hello</b>").wait_for()
        assert json.loads(bob.recv(timeout=10))["name"] == "bob"
        tab.page.get_by_label("Message").fill("hello from a page")
        tab.page.keyboard.press("Enter")
        assert json.loads(bob.recv(timeout=10)) == {"name": "ada", "text": "hello from a page"}
        tab.assert_no_other_complaint()


@board
def test_a_stranger_and_a_form_without_its_token_are_refused(stack: Running) -> None:
    with pytest.raises(InvalidStatus) as refused, stack.connect("/board", origin=stack.url):
        pass
    assert refused.value.response.status_code == 403
    assert ask(stack, "/sign-in", {"Origin": stack.url}, method="POST")[0].status == 403
    assert ask(stack, "/board.js")[0].headers["Content-Type"].startswith("text/javascript")
