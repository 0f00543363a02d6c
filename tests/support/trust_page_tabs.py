"""The trust page in Chromium: with and without the root, and what must hold there."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PHONE, Tab
from tests.support.running import Running
from tests.support.waiting import until

RED = "Not yet: this browser does not trust it"
WORKS = "This browser trusts it: wss:// works"
# What Chromium itself says of a refused certificate; no page can keep it from that.
REFUSED = r"net::ERR_CERT_AUTHORITY_INVALID .*/\.wss-stack/probe\)$"


@contextlib.contextmanager
def another(browser: Browser, home: Path) -> Iterator[Browser]:
    """A second Chromium, with a home folder of its own, by the first one's Playwright:
    there can be only one in a thread."""
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    launched = browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        chromium_sandbox=False,  # see tests/support/browser.py
        env={**env, "HOME": str(home)},
    )
    try:
        yield launched
    finally:
        launched.close()


def url_of(stack: Running, host: str = "localhost", shows: str = "") -> str:
    """Where the page is, when it is there and has this text in it: nginx may answer
    before certs has written it."""

    def answers() -> bool:
        client = http.client.HTTPConnection(host.strip("[]"), stack.http_port, timeout=5)
        with contextlib.closing(client):
            client.request("GET", "/")
            with client.getresponse() as response:
                return response.status == 200 and shows in response.read().decode()

    until(answers, "the trust page to be there")
    return f"http://{host}:{stack.http_port}/"


@contextlib.contextmanager
def opened(browser: Browser, url: str, **options: object) -> Iterator[Tab]:
    """The page in a tab of its own; options are Tab's."""
    tab = Tab(browser, url, **options)  # type: ignore[arg-type]
    try:
        tab.page.goto("/")
        yield tab
    finally:
        tab.close()


def assert_says(page: Page, state: str, verdict: str) -> None:
    expect(page.locator("#verdict")).to_contain_text(verdict, timeout=20_000)
    expect(page.locator("#probe")).to_have_attribute("data-state", state)


def assert_fine(tab: Tab, *expected: str) -> None:
    """Accessible, and no complaint of the browser but those expected."""
    violations = Axe().run(tab.page).response["violations"]
    assert [(v["id"], v["impact"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    for pattern in expected:
        tab.expect_complaint(pattern)
    tab.assert_no_other_complaint()


def picture(tab: Tab, state: str, size: tuple[int, int], scheme: str) -> None:
    tab.shoot(f"trust-page-{state}-{'phone' if size == PHONE else 'desktop'}-{scheme}")


def devices(page: Page) -> list[str]:
    """What the page has steps for, in its order; the first alone is open."""
    expect(page.locator("#devices details[open]")).to_have_count(1)
    all_of_them = page.locator("#devices details")
    first: str = all_of_them.first.evaluate("e => e.open ? e.id : ''")
    found: list[str] = all_of_them.evaluate_all("all => all.map((e) => e.id)")
    assert first == found[0]
    return found
