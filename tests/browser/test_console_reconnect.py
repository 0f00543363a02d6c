"""The console while it reconnects: who is on a button there stays, and gets on from it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import standing_still
from tests.support import programs
from tests.support.browser import Tab
from tests.support.focus import focused
from tests.support.running import Running

# About the page alone, which is the same in both.
MODES = ("local",)

FAIL = "() => tries.at(-1).onclose({ code: 1006, reason: '', wasClean: false })"
FIX = "() => { globalThis.WebSocket = Whole; }"


@pytest.fixture
def page(tab: Tab, stack: Running) -> Page:
    """Waiting for its first try; the page's timers stand still."""
    standing_still(tab)
    tab.page.evaluate(programs.source("pages/hanging.js"))
    stack.stack.restart("app")
    expect(tab.page.locator("#detail")).to_contain_text("Try 1 comes by itself.", timeout=20_000)
    return tab.page


def next_try(page: Page) -> None:
    page.clock.run_for(30_000)
    expect(page.locator("#state")).to_have_attribute("data-state", "connecting")


def tries(page: Page) -> int:
    return int(page.evaluate("tries.length"))


def test_the_focus_stays_on_stop_through_every_try(page: Page) -> None:
    stop = page.locator("#stop")
    stop.focus()
    where = stop.bounding_box()
    for number in (1, 2):
        next_try(page)
        assert (tries(page), focused(page)) == (number, "stop")
        expect(page.locator("#reconnect")).to_contain_text("Trying now")
        assert stop.bounding_box() == where
        page.evaluate(FAIL)
        expect(page.locator("#detail")).to_contain_text(f"Try {number + 1} comes by itself.")
        assert focused(page) == "stop"
        where = stop.bounding_box()


def test_focus_is_on_the_words_that_say_that_the_connection_is_back(page: Page) -> None:
    page.locator("#stop").focus()
    page.evaluate(FIX)
    page.clock.run_for(30_000)
    expect(page.locator("#state")).to_have_text("Open")
    expect(page.locator("#reconnect")).to_be_hidden()
    # Not on a text field: a phone would open its keyboard.
    assert focused(page) == "status"
    page.keyboard.press("Tab")
    assert focused(page) == "close-code"


def test_focus_elsewhere_stays_there_when_the_connection_is_back(page: Page) -> None:
    page.locator("#text").focus()
    page.evaluate(FIX)
    page.clock.run_for(30_000)
    expect(page.locator("#state")).to_have_text("Open")
    assert focused(page) == "text"


def test_second_try_is_not_begun_during_one_and_stop_ends_it(tab: Tab, page: Page) -> None:
    next_try(page)
    retry = page.locator("#retry")
    expect(retry).to_have_attribute("aria-disabled", "true")
    tab.shoot("console-reconnecting-try")
    retry.focus()
    page.keyboard.press("Enter")
    assert (tries(page), focused(page)) == (1, "retry")
    page.locator("#stop").click()
    expect(page.locator("#state")).to_have_text("Closed")
    expect(page.locator("#detail")).to_have_text("No more tries.")
    expect(page.locator("#reconnect")).to_be_hidden()
    assert focused(page) == "status"
    page.clock.run_for(60_000)
    assert tries(page) == 1
    expect(page.locator("#state")).to_have_text("Closed")
