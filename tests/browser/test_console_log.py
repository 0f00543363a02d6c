"""The console's log: filtered, cleared, copied, bounded, and followed to its end."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenTab, console
from tests.support.browser import Tab
from tests.support.console import connect, disconnect, send


def shown(page: Page) -> Locator:
    return page.locator("#log > li:visible")


def talk(page: Page) -> None:
    """An event, a text and its reply, a binary message and its reply."""
    send(page, "find me")
    file = {"name": "a", "mimeType": "", "buffer": b"\xca\xfe"}
    page.get_by_label("File", exact=False).first.set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send file").click()
    expect(page.locator("#log .received")).to_have_count(2)


def test_the_log_is_filtered_by_direction_type_and_text(tab: Tab) -> None:
    talk(tab.page)
    expect(shown(tab.page)).to_have_count(5)
    tab.page.get_by_label("Direction").select_option("received")
    expect(shown(tab.page)).to_have_count(2)
    tab.page.get_by_label("Type").first.select_option("binary")
    expect(shown(tab.page)).to_have_count(1)
    expect(tab.page.locator("#count")).to_have_text("1 of 5 shown")
    # Read out, too, but only when the filter changes it.
    read_out = tab.page.get_by_role("status").filter(has_text="of 5 shown")
    expect(read_out).to_have_text("1 of 5 shown")
    tab.page.get_by_label("Direction").select_option("all")
    tab.page.get_by_label("Type").first.select_option("all")
    tab.page.get_by_label("Containing").fill("FIND")
    expect(shown(tab.page)).to_have_count(2)
    # What comes is filtered too.
    send(tab.page, "something else")
    expect(tab.page.locator("#count")).to_have_text("2 of 7 shown")
    expect(read_out).to_have_text("2 of 5 shown")
    tab.page.get_by_label("Containing").fill("nowhere")
    expect(tab.page.locator("#empty")).to_have_text("Nothing here passes the filter.")


def test_the_log_is_cleared(tab: Tab) -> None:
    talk(tab.page)
    tab.page.get_by_role("button", name="Clear").click()
    expect(shown(tab.page)).to_have_count(0)
    expect(tab.page.locator("#empty")).to_have_text("Nothing yet.")
    send(tab.page, "again")
    expect(shown(tab.page)).to_have_count(2)


def test_shown_part_of_the_log_is_copied(open_tab: OpenTab) -> None:
    tab = console(open_tab(permissions=["clipboard-read", "clipboard-write"]))
    talk(tab.page)
    tab.page.get_by_label("Direction").select_option("sent")
    tab.page.get_by_role("button", name="Copy").click()
    expect(tab.page.locator("#log-status")).to_have_text("Copied: 2.")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    lines = [line.split("\t")[1:] for line in copied.splitlines()]
    assert lines == [
        ["sent", "text", "7 B", "", '"find me"'],
        ["sent", "binary", "2 B", "", "ca fe  |..|"],
    ]


def test_text_is_selected_where_the_browser_forbids_to_copy(tab: Tab) -> None:
    session = tab.page.context.new_cdp_session(tab.page)
    context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    denied = {"permission": {"name": "clipboard-write"}, "setting": "denied"}
    session.send("Browser.setPermission", {**denied, "browserContextId": context})
    send(tab.page, "copy me")
    expect(tab.page.locator("#log .received")).to_have_count(1)
    tab.page.get_by_role("button", name="Copy").click()
    expect(tab.page.locator("#log-status")).to_contain_text("press Ctrl+C")
    assert '"copy me"' in tab.page.evaluate("getSelection().toString()")
    # Whoever clears the log wants no message of it left on the page.
    tab.page.get_by_role("button", name="Clear").click()
    expect(tab.page.locator("#copy-text")).to_be_hidden()
    expect(tab.page.locator("#copy-text")).to_have_value("")


def test_the_log_is_bounded_and_says_what_it_dropped(tab: Tab) -> None:
    tab.page.evaluate(
        "for (let i = 0; i < 300; i += 1) {"
        " document.getElementById('text').value = `message ${i}`;"
        " document.getElementById('send-form').requestSubmit(); }"
    )
    # One for the opening, 300 sent, 300 received; 500 are kept.
    expect(tab.page.locator("#count")).to_have_text("500 entries; the oldest 101 dropped")
    expect(tab.page.locator("#log > li")).to_have_count(500)
    expect(tab.page.locator("#log > li").last).to_contain_text("message 299")


def test_a_long_message_is_cut_and_can_be_unfolded(tab: Tab) -> None:
    send(tab.page, "a" * 1000 + "the end")
    reply = tab.page.locator("#log .received")
    expect(reply).not_to_contain_text("the end")
    reply.locator("summary").click()
    expect(reply).to_contain_text("the end")


def away_from_the_end(page: Page) -> int:
    """Pixels, as they are after the next frame."""
    frame = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
    away = "const box = document.getElementById('log-box');" + (
        "return box.scrollHeight - box.scrollTop - box.clientHeight;"
    )
    return int(page.evaluate(f"{frame}.then(() => {{ {away} }})"))


def several(page: Page, count: int) -> None:
    before = page.locator("#log > li").count()
    for number in range(count):
        send(page, f"message {number}")
    expect(page.locator("#log > li")).to_have_count(before + 2 * count)


def test_the_end_is_followed_while_the_box_changes_its_height(open_tab: OpenTab) -> None:
    tab = console(open_tab((1280, 900)))
    tab.expect_complaint("WebSocket connection to .*/ws/.* failed")
    several(tab.page, 12)
    disconnect(tab.page, 1000, "")
    expect(tab.page.locator("#state")).to_have_text("Closed")
    box = tab.page.locator("#log-box")
    low = box.evaluate("(box) => box.clientHeight")
    connect(tab.page, "/ws/")  # the advice makes the card beside the log higher
    expect(tab.page.locator("#advice")).to_contain_text("does not follow redirects")
    assert box.evaluate("(box) => box.clientHeight") > low
    connect(tab.page, "/ws")
    expect(tab.page.locator("#state")).to_have_text("Open")
    assert away_from_the_end(tab.page) <= 1
    several(tab.page, 5)
    assert away_from_the_end(tab.page) <= 1
    # Lower by the window too: one column has a box of its own height.
    tab.page.set_viewport_size({"width": 500, "height": 900})
    assert away_from_the_end(tab.page) <= 1


def test_reader_who_scrolled_up_is_not_disturbed_until_at_the_end_again(tab: Tab) -> None:
    several(tab.page, 12)
    box = tab.page.locator("#log-box")
    box.hover()
    tab.page.mouse.wheel(0, -200)
    tab.page.wait_for_function("document.getElementById('log-box').scrollTop > 0")
    away_from_the_end(tab.page)
    where = box.evaluate("(box) => box.scrollTop")
    several(tab.page, 2)
    tab.page.set_viewport_size({"width": 1280, "height": 700})
    assert away_from_the_end(tab.page) > 200
    assert box.evaluate("(box) => box.scrollTop") == where
    box.hover()
    tab.page.mouse.wheel(0, 10_000)
    several(tab.page, 2)
    assert away_from_the_end(tab.page) <= 1


def test_a_message_that_is_unfolded_at_the_end_is_being_read(tab: Tab) -> None:
    several(tab.page, 8)
    send(tab.page, "word " * 300)
    last = tab.page.locator("#log .received").last
    last.locator("summary").click()
    expect(last).to_contain_text("word " * 300)
    away = away_from_the_end(tab.page)
    assert away > 40
    several(tab.page, 1)
    assert away_from_the_end(tab.page) > away
