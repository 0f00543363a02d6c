"""The console in Firefox, whose profile trusts the root."""

from __future__ import annotations

from pathlib import Path

from tests.support import programs
from tests.support.browser import screenshots
from tests.support.firefox import firefox
from tests.support.running import Running


def test_console_in_firefox_connects_sends_and_shows_the_reply(
    stack: Running, folder: Path
) -> None:
    with firefox(folder, stack.root) as browser:
        browser.open(stack.url)
        browser.wait_for("document.getElementById('state').textContent === 'Open'")
        browser.evaluate(programs.source("pages/send_text.js"))
        reply = browser.wait_for("document.querySelector('#log .received code')?.textContent")
        assert reply == "from Firefox"
        assert browser.evaluate("crossOriginIsolated")
        browser.shoot(screenshots() / "console-firefox.png")
