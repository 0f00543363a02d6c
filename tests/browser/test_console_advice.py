"""What the console says of a connection that ended, and for how long."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import standing_still
from tests.support import programs
from tests.support.browser import Tab
from tests.support.console import connect, disconnect, send
from tests.support.running import Running

# About the page alone, which is the same in both.
MODES = ("local",)

FIX = "() => { globalThis.WebSocket = Whole; }"


def nowhere(tab: Tab) -> Page:
    """Tried, and explained."""
    tab.expect_complaint("WebSocket connection to .*/nowhere.* failed")
    tab.expect_complaint("404")  # of the plain request that asks why
    connect(tab.page, "/nowhere")
    expect(tab.page.locator("#advice")).to_contain_text(
        "There is nothing at this path for plain HTTP."
    )
    return tab.page


def hold(page: Page, pattern: str) -> list[Route]:
    """The plain requests that the page makes there, until they are answered."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    return held


def settle(page: Page) -> None:
    """Returns when the page has dealt with all that came before."""
    page.evaluate("fetch('/healthz').then((response) => response.text())")


def answer(page: Page, held: list[Route], status: int) -> None:
    settle(page)
    held[0].fulfill(status=status)
    settle(page)


@pytest.mark.parametrize(
    ("endpoint", "subprotocols", "said"),
    [("wss://other.test/ws", "", "is not on localhost"), ("/ws", "a a", "SyntaxError")],
    ids=["elsewhere", "subprotocols"],
)
def test_advice_ends_with_what_it_was_on(
    tab: Tab, endpoint: str, subprotocols: str, said: str
) -> None:
    page = nowhere(tab)
    connect(page, endpoint, subprotocols)
    expect(page.locator("#detail")).to_contain_text(said)
    expect(page.locator("#advice")).to_be_empty()


def test_advice_that_comes_too_late_is_not_shown(tab: Tab) -> None:
    tab.expect_complaint("WebSocket connection to .*/nowhere.* failed")
    tab.expect_complaint("404")
    held = hold(tab.page, "**/nowhere")
    with tab.page.expect_request("**/nowhere"):
        connect(tab.page, "/nowhere")
    connect(tab.page, "wss://other.test/ws")
    answer(tab.page, held, 404)
    expect(tab.page.locator("#detail")).to_contain_text("is not on localhost")
    expect(tab.page.locator("#advice")).to_be_empty()
    expect(tab.page.locator("#log")).not_to_contain_text("was answered")


def reconnecting(tab: Tab, stack: Running) -> list[Route]:
    """Disconnected by a restart; every try fails, and the page's timers stand still.
    What is asked is held."""
    tab.expect_complaint("WebSocket connection to .*/nowhere.* failed")
    tab.expect_complaint("502")
    page = tab.page
    standing_still(tab)
    held = hold(page, "**/ws")
    page.evaluate(programs.source("pages/nowhere.js"))
    stack.stack.restart("app")
    expect(page.locator("#detail")).to_contain_text("Try 1 comes by itself.", timeout=20_000)
    return held


def try_now(page: Page, following: int) -> None:
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#detail")).to_contain_text(f"Try {following} comes by itself.")


def test_console_asks_why_after_three_failed_tries_and_goes_on(tab: Tab, stack: Running) -> None:
    held = reconnecting(tab, stack)
    page = tab.page
    try_now(page, 2)
    try_now(page, 3)
    settle(page)
    assert not held  # a restart is not worth a question
    with page.expect_request("**/ws"):
        try_now(page, 4)
    answer(page, held, 502)
    advice = page.locator("#advice")
    expect(advice).to_contain_text("nginx answers, but the app behind it does not")
    expect(page.locator("#log .event").last).to_contain_text("was answered: 502")
    expect(page.locator("#state")).to_have_text("Reconnecting")
    tab.shoot("console-reconnecting-advice")
    # It stays for whoever wants no more tries.
    page.get_by_role("button", name="Stop").first.click()
    expect(page.locator("#detail")).to_have_text("No more tries.")
    expect(advice).to_contain_text("nginx answers")


def test_advice_on_a_failed_try_is_not_shown_on_the_next_connection(
    tab: Tab, stack: Running
) -> None:
    held = reconnecting(tab, stack)
    page = tab.page
    try_now(page, 2)
    try_now(page, 3)
    with page.expect_request("**/ws"):
        try_now(page, 4)
    page.evaluate(FIX)
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#state")).to_have_text("Open")
    answer(page, held, 502)
    expect(page.locator("#advice")).to_be_empty()
    expect(page.locator("#detail")).to_contain_text("Since")


def test_a_connection_that_is_replaced_leaves_its_end_in_the_log(tab: Tab) -> None:
    tab.page.evaluate(
        # In one task, so that no reply comes in between.
        "for (const text of ['one', 'two']) {"
        " document.getElementById('text').value = text;"
        " document.getElementById('send-form').requestSubmit(); }"
        "document.getElementById('endpoint').value = '/sockets';"
        "document.getElementById('connect').click()"
    )
    expect(tab.page.locator("#address")).to_have_text(re.compile("/sockets$"))
    replaced = tab.page.locator("#log .event", has_text="closed")
    expect(replaced).to_contain_text(re.compile("/ws to connect again; 2 messages had no reply"))
    send(tab.page, "once")
    expect(tab.page.locator("#log .received")).to_have_count(1)
    disconnect(tab.page, 1000, "")
    expect(tab.page.locator("#log .event").last).to_contain_text("closed 1000 Normal Closure")


def have_cookies(page: Page, stack: Running, count: int, size: int) -> None:
    """As if other projects of this machine had set them."""
    page.context.add_cookies(
        [{"name": f"c{n}", "value": "x" * size, "url": stack.url} for n in range(count)]
    )


def test_cookies_of_many_projects_keep_no_websocket_from_opening(tab: Tab, stack: Running) -> None:
    disconnect(tab.page, 1000, "")
    have_cookies(tab.page, stack, 20, 480)
    connect(tab.page, "/ws")
    expect(tab.page.locator("#state")).to_have_text("Open")


def test_more_cookies_than_nginx_takes_are_named(tab: Tab, stack: Running) -> None:
    tab.expect_complaint("WebSocket connection to .* failed")
    tab.expect_complaint("431|426")  # of the plain request that asks why; 426 over HTTP/2
    disconnect(tab.page, 1000, "")
    have_cookies(tab.page, stack, 40, 2000)
    connect(tab.page, "/ws")
    advice = tab.page.locator("#advice")
    expect(advice).to_contain_text("This page has 78 KiB of cookies.")
    expect(advice).to_contain_text("Delete the cookies of this site")
