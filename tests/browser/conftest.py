"""A browser whose user trusts the root of the stack under test, in both modes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import tests.stack.conftest as of_stack
from tests.stack.conftest import mode_or_skip, pytest_generate_tests, shared, stack  # noqa: F401
from tests.support import browser as browsers
from tests.support.browser import Tab
from tests.support.running import Running

OpenTab = Callable[..., Tab]

_TABS = pytest.StashKey[list[Tab]]()


# Not for the session: Playwright's event loop would be in the way of tests that
# have one of their own.
@pytest.fixture(scope="package")
def browser(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:  # noqa: F811
    browsers.skip_without("chromium", "certutil")
    home = tmp_path_factory.mktemp(f"home-{shared.mode}")
    browsers.trust_in_chromium(home, shared.root)
    with browsers.chromium(home) as started:
        yield started


@pytest.fixture
def open_tab(
    browser: Browser,
    stack: Running,  # noqa: F811
    request: pytest.FixtureRequest,
) -> Iterator[OpenTab]:
    """Opens tabs, with Tab's own arguments; what the browser complains of fails the test."""
    tabs: list[Tab] = []
    request.node.stash[_TABS] = tabs

    def opened(*arguments: object, **options: object) -> Tab:
        tabs.append(Tab(browser, stack.url, *arguments, **options))  # type: ignore[arg-type]
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()
    for tab in tabs:
        tab.assert_no_other_complaint()


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    """The console, connected to /ws, as it is after it was opened."""
    return console(open_tab())


def console(tab: Tab) -> Tab:
    """Opens it, and returns when it is connected, and its other WebSocket is done: one
    that was ended while it connects is complained of."""
    tab.page.goto("/")
    tab.page.locator("#state[data-state=open]").wait_for()
    expect(tab.page.locator("#handshake-status")).to_have_text("Asked just now.")
    return tab


def standing_still(tab: Tab) -> Tab:
    """As console, and the page's timers stand still from there on."""
    tab.page.clock.install()
    console(tab)
    tab.page.clock.pause_at("2100-01-01")
    return tab


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For a browser of this test's own."""
    made = tmp_path / "browser"
    made.mkdir()
    return made


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure keeps a picture, beside what the processes wrote."""
    report = yield from of_stack.pytest_runtest_makereport(item, call)
    if report.failed and call.when == "call":
        tabs: list[Tab] = item.stash.get(_TABS, [])
        for number, tab in enumerate(tabs):
            path = tab.shoot(f"failed-{item.name}-{number}".replace("/", "-"))
            report.sections.append(("screenshot", str(path)))
    return report
