"""The console's tools: reconnecting, burst, and the handshake's table."""

from __future__ import annotations

import contextlib
import re

import psutil
import pytest
from playwright.sync_api import expect

from stack.local import processes
from tests.browser.conftest import OpenTab, console, standing_still
from tests.support import programs
from tests.support.browser import DESKTOP, OLDER, Tab, screenshots
from tests.support.console import disconnect, row, send
from tests.support.running import Running


def test_connection_is_back_by_itself_after_a_restart_of_the_server(
    tab: Tab, stack: Running
) -> None:
    tab.allow_complaint("WebSocket connection to .* failed")  # the server is not up yet
    tab.allow_complaint("502")  # nor when it was asked why
    send(tab.page, "before")
    expect(tab.page.locator("#log .received")).to_have_count(1)
    stack.stack.restart("app")
    expect(tab.page.locator("#log")).to_contain_text("closed 1012 Service Restart", timeout=20_000)
    expect(tab.page.locator("#state")).to_have_text("Open", timeout=20_000)
    send(tab.page, "after")
    expect(tab.page.locator("#log .received")).to_have_count(2)


def kill_app(stack: Running) -> None:
    """The process that serves has no time to say a word."""
    if stack.mode == "docker":
        stack.compose("kill", "--signal", "SIGKILL", "app")
        return
    for process in processes.recorded(stack.folder / "run" / "pids", "app"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_an_app_that_is_killed_is_told_from_one_that_says_goodbye(tab: Tab, stack: Running) -> None:
    tab.allow_complaint("WebSocket connection to .* failed")  # it is not up yet
    tab.allow_complaint("502")  # nor when it was asked why
    # The page's timers stand still, so that it is not back before it was read.
    standing_still(tab)
    kill_app(stack)
    detail = tab.page.locator("#detail")
    expect(detail).to_contain_text("1006 Abnormal Closure.", timeout=20_000)
    expect(detail).not_to_contain_text("It never opened.")
    expect(detail).to_contain_text("Try 1 comes by itself.")
    said = tab.page.evaluate("import('/.wss-stack/console/diagnose.js').then(({ CUT }) => CUT)")
    advice = tab.page.locator("#advice")
    expect(advice.locator("p")).to_have_text(said["answer"])
    expect(advice.locator("li")).to_have_text(said["advice"])
    assert any("server process ended without a Close frame" in line for line in said["advice"])
    if stack.mode == "docker":  # which takes a kill for somebody's wish
        stack.compose("start", "app")
    tab.page.clock.resume()
    expect(tab.page.locator("#state")).to_have_text("Open", timeout=20_000)
    send(tab.page, "after")
    expect(tab.page.locator("#log .received")).to_have_count(1)


def test_the_next_try_is_counted_down_hastened_and_called_off(tab: Tab, stack: Running) -> None:
    tab.allow_complaint("WebSocket connection to .* failed")
    tab.allow_complaint("502")
    # The page's timers stand still, so that it cannot be back before it was seen.
    standing_still(tab)
    waiting = tab.page.get_by_role("button", name="Try now")
    stack.stack.restart("app")
    expect(tab.page.locator("#state")).to_have_text("Reconnecting", timeout=20_000)
    expect(tab.page.locator("#detail")).to_contain_text("1012 Service Restart.")
    expect(tab.page.locator("#countdown")).to_have_text(re.compile(r"0\.[2-5] s"))
    tab.shoot("console-reconnecting")
    state = tab.page.locator("#state")
    while state.get_attribute("data-state") != "open":  # it may not be up yet
        waiting.click()
        expect(state).to_have_attribute("data-state", re.compile("open|waiting"))
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
    tab.page.locator("#burst-stop").click()
    expect(tab.page.locator("#burst-status")).to_have_text("No burst is running.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_percentiles_that_are_near_each_other_stay_legible(open_tab: OpenTab, scheme: str) -> None:
    tab = console(open_tab(DESKTOP, scheme))
    tab.page.evaluate(programs.source("pages/slow_burst.js"))
    label = tab.page.locator("#burst-plot text", has_text="p99")
    crossed = label.evaluate(
        "(label) => { const { left, right } = label.getBoundingClientRect();"
        " const { x } = document.querySelector('.mark.p90').getBoundingClientRect();"
        " return left < x && x < right; }"
    )
    assert crossed
    tab.page.locator("#burst-plot").screenshot(path=screenshots() / f"percentiles-{scheme}.png")
    # So the letters have a rim that looks like what is behind them.
    rim, paper = label.evaluate(
        "(label) => [getComputedStyle(label).stroke,"
        " getComputedStyle(label.closest('.card')).backgroundColor]"
    )
    assert rim == paper
    assert label.evaluate("(label) => getComputedStyle(label).paintOrder") == "stroke"


def test_the_clock_is_fine_enough_for_an_echo(tab: Tab) -> None:
    assert tab.page.evaluate("crossOriginIsolated")


def test_older_browser_connects_and_shows_both_handshakes(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.add_init_script(OLDER)
    console(tab)
    expect(tab.page.locator("#handshake-status")).to_have_text("Asked just now.")


def test_both_handshakes_are_shown_as_the_server_saw_them(tab: Tab, stack: Running) -> None:
    expect(tab.page.locator("#handshake-status")).to_have_text("Asked just now.")
    assert row(tab.page, "Scheme") == ["https", "wss"]
    # nginx has no WebSocket over HTTP/2, so a browser opens another connection.
    page = "HTTP/2.0" if stack.http2 else "HTTP/1.1"
    assert row(tab.page, "HTTP version") == [page, "HTTP/1.1"]
    assert row(tab.page, "TLS version") == ["TLSv1.3", "TLSv1.3"]
    assert row(tab.page, "TLS cipher")[0].startswith("TLS_")
    assert row(tab.page, "Origin") == ["not sent", stack.url]
    assert row(tab.page, "X-Forwarded-Host") == [f"localhost:{stack.https_port}"] * 2
    one, other = row(tab.page, "Request id")
    assert one != other
    assert stack.wait_for_log(other)
    tab.page.get_by_label("Subprotocols").fill("chat")
    # Shown at once, for the answer may look like the one before.
    asking = tab.page.evaluate(
        "document.getElementById('handshake-ask').click();"
        "document.getElementById('handshake-status').textContent"
    )
    assert asking == "Asking…"
    subprotocols = tab.page.locator("#handshake-rows tr").filter(has_text="Subprotocols asked")
    expect(subprotocols.locator("td")).to_have_text(["none", "chat"])
