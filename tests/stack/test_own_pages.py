"""Pages of a user's own app, in a browser: what it sends, and the console beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import browser, programs
from tests.support.browser import Tab
from tests.support.running import Running
from tests.support.servers import somebodys_server

CONSOLE = "/.wss-stack/console/"


@pytest.fixture
def tab(own: Running, tmp_path: Path) -> Iterator[Tab]:
    browser.skip_without("chromium", "certutil")
    project = tmp_path / "project"
    project.mkdir()
    (project / "mine.py").write_text(programs.source("apps/forms.py"))
    # Whatever the umask: in a container it is somebody else who reads it.
    project.chmod(0o755)
    (project / "mine.py").chmod(0o644)
    own.up(APP="mine:app", APP_DIR=str(project))
    browser.trust_in_chromium(tmp_path, own.root)
    with browser.chromium(tmp_path) as chromium:
        opened = Tab(chromium, own.url)
        opened.allow_complaint("/favicon.ico")  # the app has none
        yield opened
        opened.assert_no_other_complaint()
        opened.close()


def test_console_talks_to_an_app_of_the_users_own(tab: Tab) -> None:
    tab.expect_complaint("/handshake")  # the echo app's
    tab.page.goto(CONSOLE)
    tab.page.get_by_text("Type the path of your WebSocket, then Connect.").wait_for()
    assert tab.page.locator("#state").get_attribute("data-state") == "idle"
    tab.page.get_by_label("Endpoint").fill("/ws?room=1")
    tab.page.get_by_role("button", name="Connect", exact=True).click()
    tab.page.locator("#log .received").get_by_text("words of its own").wait_for()
    tab.page.get_by_role("heading", name="Handshake, as the browser saw it").wait_for()
    assert "wss" in tab.page.locator("#handshake-rows").inner_text()
    assert tab.page.locator("#documents").is_hidden()
    # The app had no WebSocket that nobody asked for.
    opened = tab.page.evaluate("fetch('/opened').then((response) => response.json())")
    assert opened == ["/ws"]


def test_console_remembers_the_path_that_it_connected_to_last(tab: Tab) -> None:
    tab.expect_complaint("/handshake")
    tab.page.goto(CONSOLE)
    tab.page.get_by_text("Type the path of your WebSocket").wait_for()
    tab.page.get_by_label("Endpoint").fill("/ws?room=2")
    tab.page.get_by_role("button", name="Connect", exact=True).click()
    tab.page.locator("#state[data-state=open]").wait_for()
    tab.expect_complaint("/handshake")
    tab.page.reload()
    tab.page.get_by_text("Type the path of your WebSocket").wait_for()
    assert tab.page.get_by_label("Endpoint").input_value() == "/ws?room=2"


def test_console_talks_to_an_upstream_that_answers_everything(own: Running, tmp_path: Path) -> None:
    browser.skip_without("chromium", "certutil")
    local = own.mode == "local"
    with somebodys_server("theirs", "127.0.0.1" if local else "0.0.0.0") as port:  # noqa: S104
        own.up(UPSTREAM=f"{'127.0.0.1' if local else 'host.docker.internal'}:{port}")
        browser.trust_in_chromium(tmp_path, own.root)
        with browser.chromium(tmp_path) as chromium:
            tab = Tab(chromium, own.url)
            tab.page.goto(CONSOLE)
            tab.page.get_by_text("Type the path of your WebSocket, then Connect.").wait_for()
            tab.page.get_by_label("Endpoint").fill("/chat")
            tab.page.get_by_role("button", name="Connect", exact=True).click()
            tab.page.locator("#state[data-state=open]").wait_for()
            tab.page.locator("#text").fill("hello")
            tab.page.get_by_role("button", name="Send text").click()
            tab.page.locator("#log .received").get_by_text("theirs: 'hello'").wait_for()
            tab.assert_no_other_complaint()
            tab.close()


def test_a_form_of_a_page_without_referrer_is_posted(tab: Tab) -> None:
    tab.page.goto("/form")
    tab.page.get_by_role("button").click()
    tab.page.get_by_text("null same-origin").wait_for()


def test_the_same_form_in_a_sandboxed_frame_is_refused(tab: Tab) -> None:
    tab.expect_complaint("403")
    tab.page.goto("/frame")
    frame = tab.page.frame_locator("iframe")
    frame.get_by_role("button").click()
    frame.get_by_text("not allowed: null").wait_for()
