"""Debian's Chromium through Playwright: it verifies, and its user trusts one root.

Nothing is weakened: no ignored certificate errors, a home of its own, and in its
NSS database the root, put there by certutil as a person would.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from certs.dotenv import CHECKOUT

DESKTOP = (1280, 800)
PHONE = (390, 844)

_NSS = ".local/share/pki/nssdb"  # where Chromium looks since 146, without an older one
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",  # which takes no root that a user added
    "--disable-sync",
    "--no-first-run",
)


# What browsers of 2021 lack, such as Safari 15: for Page.add_init_script().
OLDER = "delete AbortSignal.timeout; delete URL.canParse;"


def skip_without(*programs: str) -> None:
    """Skips the test where one of them is not installed."""
    packages = {"certutil": "libnss3-tools", "firefox": "firefox-esr"}
    for program in programs:
        if not shutil.which(program):
            package = packages.get(program, program)
            pytest.skip(f"{program} is not installed: apt install {package}")


def screenshots() -> Path:
    """The folder that keeps them; SCREENSHOTS names another one."""
    folder = Path(os.environ.get("SCREENSHOTS") or CHECKOUT / "test-results")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def trust(database: Path, root: Path) -> None:
    """Puts the root into the NSS database in this folder, which is made where missing."""
    if not (database / "cert9.db").exists():
        database.mkdir(parents=True, exist_ok=True)
        _certutil("-N", "-d", f"sql:{database}", "--empty-password")
    _certutil("-A", "-d", f"sql:{database}", "-n", "root", "-t", "C,,", "-i", str(root))


def trust_in_chromium(home: Path, root: Path) -> None:
    """What a Chromium with this home folder trusts from its next start on."""
    trust(home / _NSS, root)


@contextlib.contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """Only one may be open in a thread: Playwright's event loop is there until the end."""
    skip_without("chromium", "certutil")
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            # Not in its sandbox, which needs namespaces or a user who is not
            # root; the pages are all ours.
            chromium_sandbox=False,
            args=list(_FLAGS),
            env={**env, "HOME": str(home)},
        )
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A page in a profile of its own, which notes every complaint of the browser:
    errors in the console (violations of the page's policy among them) and
    exceptions that no one caught."""

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        size: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        **context: object,
    ) -> None:
        width, height = size
        self._context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",  # a screenshot is of a moment
            **context,  # type: ignore[arg-type]
        )
        self._context.set_default_timeout(10_000)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self._expected: list[str] = []
        self._possible: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def expect_complaint(self, pattern: str) -> None:
        """The test provokes this one: it must come, and is no failure."""
        self._expected.append(pattern)

    def allow_complaint(self, pattern: str) -> None:
        """This one may come: it depends on who is faster."""
        self._possible.append(pattern)

    def assert_no_other_complaint(self) -> None:
        """Raises AssertionError, also for an expected one that did not come."""
        known = [*self._expected, *self._possible]
        rest = [one for one in self.complaints if not any(re.search(p, one) for p in known)]
        assert not rest, "\n".join(rest)
        for pattern in self._expected:
            assert any(re.search(pattern, one) for one in self.complaints), pattern

    def shoot(self, name: str) -> Path:
        """A picture of the whole page, kept as NAME.png."""
        path = screenshots() / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        self._context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} ({where})")


def _certutil(*argv: str) -> None:
    # Without a password file it would ask for one on the terminal.
    command = ["certutil", *argv, "-f", os.devnull]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stderr}"
