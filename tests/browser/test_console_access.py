"""The console for everybody: keyboard, screen reader, phone, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, console
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.console import connect, disconnect, send, violations
from tests.support.focus import focused

# About the page alone, which is the same in both.
MODES = ("local",)

SCHEMES = ["light", "dark"]
SMALLEST = (360, 640)


def used(tab: Tab) -> Tab:
    """With something in each of its parts."""
    page = console(tab).page
    send(page, '{"type": "greeting", "text": "hello ☃"}')
    file = {"name": "pixel.bin", "mimeType": "", "buffer": bytes(range(200))}
    page.get_by_label("File", exact=False).first.set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send file").click()
    expect(page.locator("#log .received")).to_have_count(2)
    page.get_by_role("spinbutton", name="Messages").fill("400")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#burst-result")).to_be_visible()
    expect(page.locator("#handshake-status")).to_have_text("Asked just now.")
    page.mouse.move(0, 0)  # no button looks pressed
    return tab


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(open_tab: OpenTab, size: tuple[int, int], scheme: str) -> None:
    tab = used(open_tab(size, scheme))
    name = "desktop" if size == DESKTOP else "phone"
    tab.shoot(f"console-{name}-{scheme}")
    assert violations(tab.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_where_something_is_wrong(open_tab: OpenTab, scheme: str) -> None:
    tab = console(open_tab(DESKTOP, scheme))
    tab.expect_complaint("WebSocket connection to .* failed")
    tab.expect_complaint("404")
    tab.expect_complaint("already in CLOSING or CLOSED state")
    connect(tab.page, "/nowhere")
    expect(tab.page.locator("#advice")).to_contain_text("nothing at this path")
    send(tab.page, "late")
    tab.shoot(f"console-refused-{scheme}")
    assert violations(tab.page) == []


@pytest.mark.parametrize("size", [SMALLEST, PHONE], ids=["360", "390"])
def test_console_is_no_wider_than_a_phone(open_tab: OpenTab, size: tuple[int, int]) -> None:
    tab = used(open_tab(size))
    send(tab.page, "a-text-without-a-place-to-break-it" * 20)
    expect(tab.page.locator("#log .received")).to_have_count(3)
    disconnect(tab.page, 4000, "r" * 100)
    expect(tab.page.locator("#detail")).to_contain_text("rrr")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_the_keyboard_gets_everywhere_sees_where_it_is_and_out_again(tab: Tab) -> None:
    controls = tab.page.evaluate(
        "[...document.querySelectorAll('button, input, select, textarea, a, [tabindex=\"0\"]')]"
        ".filter((e) => e.checkVisibility()).map((e) => e.id || e.tagName)"
    )
    order = []
    for _ in range(len(controls) + 1):
        tab.page.keyboard.press("Tab")
        order.append(focused(tab.page))
        if order[-1] != "BODY":
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert tab.page.evaluate(outline) == "solid", order[-1]
    # In the order of the page, and then out of it: no trap.
    assert order[:-1] == controls
    assert order[-1] == "BODY"


def test_console_can_be_used_by_keyboard_alone(tab: Tab) -> None:
    def go_to(name: str) -> None:
        for _ in range(40):
            if focused(tab.page) == name:
                return
            tab.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never got to {name}")

    go_to("endpoint")
    tab.page.keyboard.press("ControlOrMeta+a")
    tab.page.keyboard.type("/sockets")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#address")).to_contain_text("/sockets")
    expect(tab.page.locator("#state")).to_have_text("Open")
    go_to("text")
    tab.page.keyboard.type("first")
    tab.page.keyboard.press("Shift+Enter")
    tab.page.keyboard.type("second")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#log .received")).to_contain_text("Server Response to: first\nsecond")
    tab.page.keyboard.type("third")
    tab.page.keyboard.press("ControlOrMeta+Enter")
    expect(tab.page.locator("#log .received")).to_have_count(2)
    go_to("close")
    tab.page.keyboard.press("Space")
    expect(tab.page.locator("#state")).to_have_text("Closed")


def test_change_of_the_state_is_announced(tab: Tab) -> None:
    expect(tab.page.get_by_role("status").filter(has_text="Since")).to_have_count(1)
    log = tab.page.get_by_role("log", name="Messages")
    assert log.get_attribute("aria-live") == "polite"
    send(tab.page, "announce me")
    expect(log).to_contain_text("announce me")
    # A number that changes ten times a second is not.
    assert tab.page.locator("#countdown").get_attribute("role") == "timer"
