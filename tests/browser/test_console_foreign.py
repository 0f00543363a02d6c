"""The console in front of an app that knows nothing of it: whatever /handshake answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenTab
from tests.support.browser import Tab
from tests.support.console import connect, disconnect, row, send, violations

# About the page alone, which is the same in both.
MODES = ("local",)

HINT = "Type the path of your WebSocket, then Connect."


def foreign(tab: Tab, **answer: object) -> Page:
    """The console, where this is what /handshake answers."""
    tab.page.route("**/handshake", lambda route: route.fulfill(**answer))
    tab.page.goto("/")
    return tab.page


def assert_waits_for_a_path(page: Page) -> None:
    expect(page.locator("#detail")).to_have_text(HINT)
    expect(page.locator("#state")).to_have_text("Not connected")
    title = page.get_by_role("heading", name="Handshake, as the browser saw it")
    expect(title).to_be_visible()
    expect(page.locator("#handshake-rows .failed")).to_have_count(0)
    # Of the echo alone.
    expect(page.get_by_role("link", name="AsyncAPI")).to_be_hidden()


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"status": 404, "body": "no"}, "404"),
        ({"status": 500, "body": "no"}, "500"),
        ({"status": 302, "headers": {"Location": "https://login.example/"}}, None),
        ({"body": "<!doctype html>", "content_type": "text/html"}, None),
        ({"json": {"status": "ok"}}, None),
        ({"json": {"forwarded": {}, "http_version_to_app": "HTTP/1.1", "websocket": {}}}, None),
    ],
    ids=["missing", "broken", "login", "page", "health", "similar"],
)
def test_answer_of_another_shape_is_no_error(
    open_tab: OpenTab, answer: dict[str, object], complaint: str | None
) -> None:
    tab = open_tab()
    if complaint:
        tab.expect_complaint(f"{complaint}.*/handshake")  # the browser's own, of any request
    page = foreign(tab, **answer)
    assert_waits_for_a_path(page)
    said = "The app behind has no /handshake that tells what the server saw."
    expect(page.locator("#handshake-status")).to_have_text(said)


def test_app_that_is_down_is_told_from_one_without_a_handshake(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.expect_complaint("502.*/handshake")
    page = foreign(tab, status=502)
    said = "The request to /handshake failed: answered 502."
    expect(page.locator("#handshake-status")).to_have_text(said)
    page.unroute("**/handshake")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#handshake-status")).to_have_text("Asked just now.")
    expect(page.locator("#handshake-title")).to_have_text("Handshake, as the server saw it")
    expect(page.get_by_role("link", name="AsyncAPI")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_table_has_what_the_browser_saw_of_each_connection(open_tab: OpenTab, scheme: str) -> None:
    tab = open_tab((1280, 800), scheme)
    page = foreign(tab, json={})
    assert_waits_for_a_path(page)
    assert row(page, "Scheme") == ["https", "not connected"]
    tab.shoot(f"console-foreign-unconnected-{scheme}")
    assert violations(page) == []
    connect(page, "/sockets", "chat, other")
    expect(page.locator("#state")).to_have_text("Open")
    assert row(page, "Scheme") == ["https", "wss"]
    assert row(page, "Subprotocol agreed")[1] == "chat"
    assert row(page, "Origin") == ["not sent", page.evaluate("location.origin")]
    send(page, "hello")
    expect(page.locator("#log .received")).to_contain_text("Server Response to: hello")
    tab.shoot(f"console-foreign-{scheme}")
    assert violations(page) == []
    disconnect(page, 1000, "")
    expect(page.locator("#state")).to_have_text("Closed")
    assert row(page, "Scheme") == ["https", "not connected"]


def test_path_and_subprotocols_of_the_last_visit_are_there_again(open_tab: OpenTab) -> None:
    tab = open_tab()
    page = foreign(tab, json={})
    assert_waits_for_a_path(page)
    connect(page, "/sockets?room=1", "v2, v1")
    expect(page.locator("#state")).to_have_text("Open")
    page.reload()
    assert_waits_for_a_path(page)
    expect(page.get_by_label("Endpoint")).to_have_value("/sockets?room=1")
    expect(page.get_by_label("Subprotocols")).to_have_value("v2, v1")


def test_echo_begins_at_its_own_path_whatever_another_app_had(tab: Tab) -> None:
    """Projects take turns on a port, and what the browser remembers is by the port."""
    tab.expect_complaint("WebSocket connection to .*/of-another-app.* failed")
    # Of the page's own question, which the reload may overtake.
    tab.allow_complaint("404")
    page = tab.page
    connect(page, "/of-another-app", "v2")
    expect(page.locator("#detail")).to_contain_text("It never opened.")
    page.reload()
    expect(page.locator("#state")).to_have_text("Open")
    expect(page.locator("#address")).to_have_text(f"wss://{page.evaluate('location.host')}/ws")
    expect(page.locator("#handshake-status")).to_have_text("Asked just now.")


def test_text_that_is_typed_while_the_app_is_asked_stays(open_tab: OpenTab) -> None:
    tab = open_tab()
    page = tab.page
    held: list[Route] = []
    page.route("**/handshake", lambda route: held.append(route))
    with page.expect_request("**/handshake"):
        page.goto("/")
    page.get_by_label("Endpoint").fill("/sockets")
    held[0].continue_()
    expect(page.locator("#handshake-status")).to_have_text("Asked just now.")
    expect(page.locator("#state")).to_have_text("Not connected")
    expect(page.get_by_label("Endpoint")).to_have_value("/sockets")
