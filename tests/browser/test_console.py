"""The console, as a person uses it: connect, send, and what ends a connection."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, console, standing_still
from tests.support.browser import Tab
from tests.support.console import connect, disconnect, send

MIB = 1024 * 1024


def test_console_connects_by_itself_and_shows_a_text_and_its_echo(tab: Tab) -> None:
    send(tab.page, "hello <b>there</b> ☃")
    sent = tab.page.locator("#log .sent")
    expect(sent).to_contain_text("hello <b>there</b> ☃")
    expect(sent).to_contain_text("text")
    expect(sent).to_contain_text("22 B")
    reply = tab.page.locator("#log .received")
    expect(reply).to_contain_text("hello <b>there</b> ☃")
    expect(reply.locator(".round-trip")).to_have_text(re.compile(r"RTT [\d.]+ (ms|µs)"))


def test_a_file_comes_back_byte_for_byte(tab: Tab, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5
    (tmp_path / "some.bin").write_bytes(content)
    tab.page.get_by_label("File", exact=False).first.set_input_files(tmp_path / "some.bin")
    tab.page.get_by_role("button", name="Send file").click()
    reply = tab.page.locator("#log .received")
    expect(reply).to_contain_text("binary")
    expect(reply).to_contain_text("1.3 KiB")
    expect(reply).to_contain_text("00 01 02 03")
    with tab.page.expect_download() as saved:
        reply.get_by_role("button", name="Save").click()
    assert saved.value.path().read_bytes() == content


def test_console_connects_to_another_endpoint_with_a_subprotocol(tab: Tab) -> None:
    connect(tab.page, "/sockets", "chat, other")
    status = tab.page.locator(".status")
    expect(status).to_contain_text("/sockets")
    expect(status).to_contain_text("Subprotocol: chat.")
    send(tab.page, "hi")
    expect(tab.page.locator("#log .received")).to_contain_text("Server Response to: hi")


def test_a_whole_address_of_this_host_will_do_and_no_other(tab: Tab) -> None:
    whole = tab.page.evaluate("location.origin.replace('https', 'wss')") + "/sockets?a=b"
    connect(tab.page, whole)
    expect(tab.page.locator("#address")).to_have_text(whole)
    expect(tab.page.locator("#state")).to_have_text("Open")
    connect(tab.page, "wss://elsewhere.test/ws")
    expect(tab.page.locator("#detail")).to_contain_text("wss://elsewhere.test/ws is not on")


def test_an_address_of_this_host_needs_no_scheme(tab: Tab) -> None:
    host = tab.page.evaluate("location.host")
    connect(tab.page, f"{host}/sockets?a=b")
    expect(tab.page.locator("#address")).to_have_text(f"wss://{host}/sockets?a=b")
    expect(tab.page.locator("#state")).to_have_text("Open")


def test_a_subprotocol_that_is_none_is_refused_in_the_browsers_words(tab: Tab) -> None:
    connect(tab.page, "/ws", "a(b")
    expect(tab.page.locator("#detail")).to_contain_text("SyntaxError.")
    # The connection that there is stays.
    expect(tab.page.locator("#detail")).to_contain_text("/ws stays open.")
    send(tab.page, "still here")
    expect(tab.page.locator("#log .received")).to_contain_text("still here")


@pytest.mark.parametrize(
    ("code", "name"), [(1000, "Normal Closure"), (3003, "Forbidden"), (4321, "Private Use")]
)
def test_close_by_the_user_is_told_in_words(tab: Tab, code: int, name: str) -> None:
    disconnect(tab.page, code, "enough ☃")
    expect(tab.page.locator("#state")).to_have_text("Closed")
    # The server sent both back in its own Close frame.
    expect(tab.page.locator("#detail")).to_contain_text(f"{code} {name}.")
    expect(tab.page.locator("#detail")).to_contain_text("enough ☃")


def test_a_code_that_only_the_browser_may_use_is_refused(tab: Tab) -> None:
    disconnect(tab.page, 1001, "")
    expect(tab.page.locator("#detail")).to_contain_text("InvalidAccessError")
    expect(tab.page.locator("#state")).to_have_text("Open")


def test_close_by_the_server_is_told_in_words(tab: Tab) -> None:
    connect(tab.page, "/handshake")
    expect(tab.page.locator("#log .received")).to_contain_text('"http_version":"HTTP/1.1"')
    expect(tab.page.locator("#detail")).to_contain_text("1000 Normal Closure.")
    expect(tab.page.locator("#detail")).to_contain_text("that was the handshake")


def test_a_message_beyond_the_limit_is_explained(tab: Tab, tmp_path: Path) -> None:
    # The page's timers stand still, so that it is not back before it was read.
    standing_still(tab)
    tab.allow_complaint("WebSocket connection to .* failed")
    (tmp_path / "large").write_bytes(os.urandom(17 * MIB))
    tab.page.get_by_label("File", exact=False).first.set_input_files(tmp_path / "large")
    tab.page.get_by_role("button", name="Send file").click()
    closed = tab.page.locator("#log .event").last
    expect(closed).to_contain_text(re.compile("closed 1009 .*; 1 message had no reply"))
    expect(tab.page.locator(".status")).to_contain_text("WS_MAX_SIZE")


def test_send_after_the_close_shows_what_the_browser_does(tab: Tab) -> None:
    tab.expect_complaint("already in CLOSING or CLOSED state")
    disconnect(tab.page, 1000, "")
    expect(tab.page.locator("#state")).to_have_text("Closed")
    send(tab.page, "late")
    said = "readyState is 3 (CLOSED). send() raised nothing"
    expect(tab.page.locator("#send-status")).to_contain_text(said)
    # RFC 6455's frame counts too: what it would have taken on the wire.
    grew = tab.page.locator("#log .event").last
    expect(grew).to_contain_text("bufferedAmount went from 0 to ")
    assert int(grew.inner_text().rsplit(" ", 1)[1]) >= len("late")
    expect(tab.page.locator("#log .sent")).to_have_count(0)


def test_send_while_the_console_connects_shows_what_the_browser_raises(tab: Tab) -> None:
    # In one task of the page, so that it cannot open in between.
    tab.page.evaluate("for (const id of ['connect', 'send']) document.getElementById(id).click()")
    expect(tab.page.locator("#send-status")).to_contain_text("InvalidStateError")
    expect(tab.page.locator("#state")).to_have_text("Open")


def test_an_endpoint_that_is_not_there_is_explained(tab: Tab) -> None:
    tab.expect_complaint("WebSocket connection to .*/nowhere.* failed")
    tab.expect_complaint("404")  # of the plain request that asks why
    connect(tab.page, "/nowhere")
    status = tab.page.locator(".status")
    expect(status).to_contain_text("1006 Abnormal Closure.")
    expect(status).to_contain_text("It never opened.")
    expect(status).to_contain_text("was answered: 404")
    expect(status).to_contain_text("There is nothing at this path for plain HTTP.")
    # Time does not fix that: it is not tried again.
    expect(tab.page.locator("#reconnect")).to_be_hidden()
    connect(tab.page, "/ws")
    expect(tab.page.locator("#state")).to_have_text("Open")
    expect(tab.page.locator("#advice")).to_be_empty()


def test_plain_http_at_a_path_is_told_from_a_websocket(tab: Tab) -> None:
    tab.expect_complaint("WebSocket connection to .*/healthz.* failed")
    connect(tab.page, "/healthz")
    expect(tab.page.locator("#advice")).to_contain_text("Plain HTTP is served at this path")


def test_the_document_of_the_endpoints_is_a_click_away(open_tab: OpenTab) -> None:
    tab = console(open_tab())
    tab.allow_complaint("/favicon.ico")  # a document of JSON names none
    tab.page.get_by_role("link", name="AsyncAPI").click()
    expect(tab.page.locator("body")).to_contain_text('"asyncapi": "3.0.0"')
