"""The console's tools: log, reconnecting, burst, and the handshake's table."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenTab, console
from tests.browser.test_console import connect, disconnect, send
from tests.support.browser import Tab
from tests.support.running import Running


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
    tab.page.get_by_label("Direction").select_option("all")
    tab.page.get_by_label("Type").first.select_option("all")
    tab.page.get_by_label("Containing").fill("FIND")
    expect(shown(tab.page)).to_have_count(2)
    # What comes is filtered too.
    send(tab.page, "something else")
    expect(tab.page.locator("#count")).to_have_text("2 of 7 shown")
    tab.page.get_by_label("Containing").fill("nowhere")
    expect(tab.page.locator("#empty")).to_have_text("Nothing here passes the filter.")


def test_the_log_is_cleared(tab: Tab) -> None:
    talk(tab.page)
    tab.page.get_by_role("button", name="Clear").click()
    expect(shown(tab.page)).to_have_count(0)
    expect(tab.page.locator("#empty")).to_have_text("Nothing yet.")
    send(tab.page, "again")
    expect(shown(tab.page)).to_have_count(2)


def test_what_is_shown_of_the_log_is_copied(open_tab: OpenTab) -> None:
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


def test_where_the_browser_does_not_let_it_copy_the_text_is_selected(tab: Tab) -> None:
    session = tab.page.context.new_cdp_session(tab.page)
    context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    denied = {"permission": {"name": "clipboard-write"}, "setting": "denied"}
    session.send("Browser.setPermission", {**denied, "browserContextId": context})
    send(tab.page, "copy me")
    expect(tab.page.locator("#log .received")).to_have_count(1)
    tab.page.get_by_role("button", name="Copy").click()
    expect(tab.page.locator("#log-status")).to_contain_text("press Ctrl+C")
    assert '"copy me"' in tab.page.evaluate("getSelection().toString()")


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


def test_after_a_restart_of_the_server_it_is_back_by_itself(tab: Tab, stack: Running) -> None:
    tab.allow_complaint("WebSocket connection to .* failed")  # the server is not up yet
    send(tab.page, "before")
    expect(tab.page.locator("#log .received")).to_have_count(1)
    stack.stack.restart("app")
    expect(tab.page.locator("#log")).to_contain_text("closed 1012 Service Restart", timeout=20_000)
    expect(tab.page.locator("#state")).to_have_text("Open", timeout=20_000)
    send(tab.page, "after")
    expect(tab.page.locator("#log .received")).to_have_count(2)


def test_the_next_try_is_counted_down_hastened_and_called_off(tab: Tab, stack: Running) -> None:
    tab.allow_complaint("WebSocket connection to .* failed")
    # The page's timers stand still, so that it cannot be back before it was seen.
    tab.page.clock.install()
    console(tab)
    tab.page.clock.pause_at("2100-01-01")
    waiting = tab.page.get_by_role("button", name="Try now")
    stack.stack.restart("app")
    expect(tab.page.locator("#state")).to_have_text("Reconnecting", timeout=20_000)
    expect(tab.page.locator("#detail")).to_contain_text("1012 Service Restart.")
    expect(tab.page.locator("#countdown")).to_have_text(re.compile(r"0\.[2-5] s"))
    tab.shoot("console-reconnecting")
    waiting.click()
    expect(tab.page.locator("#state")).to_have_text(re.compile("Open|Reconnecting"))
    while waiting.is_visible():  # it was not up yet
        waiting.click()
        expect(tab.page.locator("#state")).to_have_text(re.compile("Open|Reconnecting"))
    stack.stack.restart("app")
    expect(tab.page.locator("#state")).to_have_text("Reconnecting", timeout=20_000)
    tab.page.get_by_role("button", name="Stop").first.click()
    expect(tab.page.locator("#state")).to_have_text("Closed")
    expect(waiting).to_be_hidden()
    # The time of the try passes, and nothing happens.
    tab.page.clock.run_for(60_000)
    expect(tab.page.locator("#state")).to_have_text("Closed")


@pytest.mark.parametrize("type_", ["text", "binary"])
def test_a_burst_is_measured_and_plotted(tab: Tab, type_: str) -> None:
    for label, value in (("Messages", "300"), ("Bytes each", "64"), ("In flight", "8")):
        tab.page.get_by_role("spinbutton", name=label).fill(value)
    tab.page.locator("#burst-type").select_option(type_)
    tab.page.get_by_role("button", name="Start").click()
    plot = tab.page.get_by_role("img", name="Histogram of round trips")
    expect(plot).to_be_visible()
    assert plot.locator("rect.bar").count() > 1
    expect(tab.page.locator("#burst-facts dt")).to_have_text(["p50", "p90", "p99", "max", "rate"])
    words = f"300 messages of 64 bytes ({type_}), 8 in flight: 300 replies in "
    expect(tab.page.locator("#burst-status")).to_contain_text(words)
    # One line in the log, not 600.
    expect(tab.page.locator("#log > li")).to_have_count(2)


def test_a_burst_says_why_it_cannot_be(tab: Tab) -> None:
    tab.page.get_by_role("spinbutton", name="Messages").fill("0")
    tab.page.get_by_role("button", name="Start").click()
    expect(tab.page.locator("#burst-status")).to_contain_text("from 1 to 20000")
    tab.page.get_by_role("spinbutton", name="Messages").fill("10")
    disconnect(tab.page, 1000, "")
    expect(tab.page.locator("#state")).to_have_text("Closed")
    tab.page.get_by_role("button", name="Start").click()
    expect(tab.page.locator("#burst-status")).to_contain_text("Not connected")


def test_the_clock_is_fine_enough_for_an_echo(tab: Tab) -> None:
    assert tab.page.evaluate("crossOriginIsolated")


def row(page: Page, name: str) -> list[str]:
    cells = page.locator("#handshake-rows tr").filter(has=page.get_by_role("rowheader", name=name))
    expect(cells).to_have_count(1)
    return cells.locator("td").all_inner_texts()


def test_both_handshakes_are_shown_as_the_server_saw_them(tab: Tab, stack: Running) -> None:
    expect(tab.page.locator("#handshake-status")).to_have_text("Asked just now.")
    assert row(tab.page, "Scheme") == ["https", "wss"]
    # nginx has no WebSocket over HTTP/2, so a browser opens another connection.
    assert row(tab.page, "HTTP version") == ["HTTP/2.0", "HTTP/1.1"]
    assert row(tab.page, "TLS version") == ["TLSv1.3", "TLSv1.3"]
    assert row(tab.page, "TLS cipher")[0].startswith("TLS_")
    assert row(tab.page, "Origin") == ["not sent", stack.url]
    assert row(tab.page, "X-Forwarded-Host") == [f"localhost:{stack.https_port}"] * 2
    one, other = row(tab.page, "Request id")
    assert one != other
    assert stack.wait_for_log(other)
    tab.page.get_by_label("Subprotocols").fill("chat")
    tab.page.get_by_role("button", name="Ask again").click()
    subprotocols = tab.page.locator("#handshake-rows tr").filter(has_text="Subprotocols asked")
    expect(subprotocols.locator("td")).to_have_text(["none", "chat"])


def test_connecting_anew_replaces_the_connection(tab: Tab) -> None:
    connect(tab.page, "/sockets")
    expect(tab.page.locator("#address")).to_have_text(re.compile("/sockets$"))
    send(tab.page, "once")
    expect(tab.page.locator("#log .received")).to_have_count(1)
