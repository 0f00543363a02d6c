"""The trust page in real browsers: red before the root is trusted, green after."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from playwright.sync_api import Browser, expect

from tests.support import programs
from tests.support.asking import ask_plain
from tests.support.browser import DESKTOP, OLDER, PHONE, trust
from tests.support.firefox import firefox
from tests.support.running import Running
from tests.support.trust_page_tabs import (
    RED,
    REFUSED,
    WORKS,
    another,
    assert_fine,
    assert_says,
    devices,
    opened,
    picture,
    url_of,
)

LOOKS = [(size, scheme) for size in (DESKTOP, PHONE) for scheme in ("light", "dark")]


@pytest.fixture
def stranger(browser: Browser, folder: Path) -> Iterator[Browser]:
    """A browser that trusts nothing of ours."""
    with another(browser, folder) as launched:
        yield launched


def test_trust_page_is_red_in_a_browser_that_does_not_trust_the_root(
    stack: Running, stranger: Browser
) -> None:
    for size, scheme in LOOKS:
        with opened(stranger, url_of(stack), size=size, scheme=scheme) as tab:
            assert_says(tab.page, "untrusted", RED)
            expect(tab.page.locator("#still")).to_be_visible()
            expect(tab.page.locator("#clicked")).to_be_hidden()
            expect(tab.page.locator("#open")).to_be_hidden()
            picture(tab, "red", size, scheme)
            assert_fine(tab, REFUSED)


def test_trust_page_is_green_in_one_that_does_and_the_app_opens_from_it(
    stack: Running, browser: Browser
) -> None:
    for size, scheme in LOOKS:
        with opened(browser, url_of(stack), size=size, scheme=scheme) as tab:
            assert_says(tab.page, "trusted", WORKS)
            expect(tab.page.locator("#advice")).to_have_text(
                re.compile(r"came back in [\d.]+ ms\.$")
            )
            expect(tab.page.locator("#still")).to_be_hidden()
            # No page can tell these apart.
            expect(tab.page.locator("#clicked")).to_contain_text("clicked through a certificate")
            picture(tab, "green", size, scheme)
            assert_fine(tab)
            tab.page.locator("#open").click()
            tab.page.wait_for_url(f"{stack.url}/.wss-stack/console/")


def test_trust_page_is_green_in_an_older_browser_too(stack: Running, browser: Browser) -> None:
    with opened(browser, url_of(stack)) as tab:
        tab.page.add_init_script(OLDER)
        tab.page.reload()
        assert_says(tab.page, "trusted", WORKS)
        assert_fine(tab)


def test_trust_page_is_green_at_a_name_with_a_dot_at_its_end(
    stack: Running, browser: Browser
) -> None:
    with opened(browser, url_of(stack).replace("localhost", "localhost.")) as tab:
        assert_says(tab.page, "trusted", WORKS)


def test_every_step_fits_a_small_phone(stack: Running, browser: Browser) -> None:
    with opened(browser, url_of(stack), size=(320, 640)) as tab:
        tab.page.locator("details").evaluate_all("all => all.forEach((e) => { e.open = true; })")
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 320
        tab.shoot("trust-page-every-step")
        assert_fine(tab)


def test_firefox_turns_green_by_itself_when_the_root_is_trusted(
    stack: Running, folder: Path
) -> None:
    verdict = "document.querySelector('#verdict').textContent"
    with firefox(folder) as tab:
        tab.open(url_of(stack))
        tab.wait_for(f"{verdict} === '{RED}'")
        assert tab.evaluate("document.querySelectorAll('details')[1].id") == "firefox"
        trust(folder / "profile", stack.root)
        # The page looks again by itself, and Firefox reads its store each time.
        tab.wait_for(f"{verdict} === '{WORKS}'", seconds=30)


def test_red_trust_page_looks_again_without_a_word(stack: Running, stranger: Browser) -> None:
    with opened(stranger, url_of(stack)) as tab:
        page = tab.page
        assert_says(page, "untrusted", RED)
        page.evaluate(programs.source("pages/count_changes.js"))
        for _ in range(2):
            page.wait_for_event("requestfailed", lambda request: "probe" in request.url)
        assert page.evaluate("changes") == 0
        # Asked to, it says that it does.
        page.get_by_role("button", name="Check again").click()
        page.wait_for_function("changes > 0")
        assert_says(page, "untrusted", RED)


def test_the_fingerprint_and_the_files_are_those_of_the_root(
    stack: Running, stranger: Browser
) -> None:
    root = x509.load_pem_x509_certificate(stack.root.read_bytes())
    fingerprint = root.fingerprint(hashes.SHA256()).hex(":").upper()
    short = fingerprint.replace(":", "")[:8].lower()
    with opened(stranger, url_of(stack)) as tab:
        assert tab.page.locator("#fingerprint").text_content() == fingerprint
        for kind, read in (
            ("crt", x509.load_pem_x509_certificate),
            ("cer", x509.load_der_x509_certificate),
        ):
            with tab.page.expect_download() as started:
                tab.page.locator(f".files a[href='/trust/root.{kind}']").click()
            assert started.value.suggested_filename == f"wss-stack-root-{short}.{kind}"
            assert read(Path(started.value.path()).read_bytes()) == root


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("trust/style.css", "text/css"),
        ("trust/page.js", "text/javascript"),
        ("trust/icon.svg", "image/svg+xml"),
        ("trust/root.crt", "application/x-x509-ca-cert"),
        ("trust/root.cer", "application/x-x509-ca-cert"),
        ("trust/root.mobileconfig", "application/x-apple-aspen-config"),
    ],
)
def test_file_of_the_trust_page_has_its_type_and_a_strict_policy(
    stack: Running, path: str, kind: str
) -> None:
    with urllib.request.urlopen(url_of(stack) + path, timeout=5) as answer:  # noqa: S310 # http
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/trust", "/index.html", "/ws", "/trust.html", "/a?b=c"])
def test_other_paths_redirect_to_https(stack: Running, path: str) -> None:
    answer, _ = ask_plain(stack, path, f"localhost:{stack.http_port}")
    assert answer.status == 307
    assert answer.headers["Location"] == f"{stack.url}{path}"


@pytest.mark.parametrize(
    "path", ["/trust/", "/trust/../../leaf.pem", "/trust/..%2f..%2fleaf.pem", "/trust/leaf.pem"]
)
def test_files_beside_the_trust_page_are_not_served(stack: Running, path: str) -> None:
    answer, body = ask_plain(stack, path, f"localhost:{stack.http_port}")
    assert answer.status in (307, 400, 403, 404)
    assert "-----BEGIN" not in body


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
AGENTS = {
    f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Mobile Safari/537.36": "android",
    "Mozilla/5.0 (Android 15; Mobile; rv:147.0) Gecko/147.0 Firefox/147.0": "android",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI} Mobile/15E148": "ios",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15": "macos",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Safari/537.36 Edg/141.0.0.0": "windows",
    f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Safari/537.36": "linux",
    "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0": "firefox",
    "Links (2.30; Linux)": "other",
}


@pytest.mark.parametrize(("agent", "device"), AGENTS.items(), ids=AGENTS.values())
def test_the_steps_for_this_machine_come_first_then_those_for_its_system(
    stack: Running, browser: Browser, agent: str, device: str
) -> None:
    with opened(browser, url_of(stack), user_agent=agent) as tab:
        assert devices(tab.page)[:2] == ["machine", device]
        expect(tab.page.get_by_text("make certs", exact=True)).to_be_visible()
        expect(tab.page.locator(".badge:visible")).to_have_count(1)
        # All others are one tap away.
        tab.page.locator("#android summary").click()
        expect(tab.page.get_by_text("Install anyway")).to_be_visible()


def test_an_ipad_that_calls_itself_a_mac_is_known_by_its_touch_screen(
    stack: Running, browser: Browser
) -> None:
    agent = next(agent for agent, device in AGENTS.items() if device == "macos")
    with opened(browser, url_of(stack), user_agent=agent) as tab:
        five = "Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 })"
        tab.page.add_init_script(five)
        tab.page.reload()
        assert devices(tab.page)[:2] == ["machine", "ios"]


def test_trust_page_without_javascript_is_of_use(stack: Running, browser: Browser) -> None:
    with opened(browser, url_of(stack), java_script_enabled=False) as tab:
        page = tab.page
        # Not expect(), which takes noscript elements for invisible always.
        assert page.locator("#verdict").inner_text() == "Not checked: that needs JavaScript."
        assert page.locator("#advice").inner_text().startswith("Open one of these.")
        address = page.locator("#advice a", has_text="localhost").first
        assert address.get_attribute("href") == f"{stack.url}/"
        expect(page.locator("#again")).to_be_hidden()
        page.locator("#linux summary").click()
        expect(page.get_by_text("chrome://certificate-manager")).to_be_visible()
