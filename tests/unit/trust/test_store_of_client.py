"""Which store a refusal is looked into: by client, and by platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import doctoring, nss
from tests.support.doctoring import NO, ProvenHome
from tests.support.fake_store import FakeStore
from trust.clients import browsers
from trust.clients.base import Client, Proof, Target
from trust.clients.chromium import Chromium
from trust.clients.curl import Curl
from trust.clients.firefox import Firefox
from trust.clients.go import Go
from trust.clients.java import Java
from trust.clients.openssl import OpenSSL
from trust.clients.wget import Wget
from trust.commands import Runner
from trust.proof import store_of_client
from trust.stores.java import JavaStore
from trust.stores.macos import Keychain
from trust.stores.nss import NssStore
from trust.stores.system import SystemStore
from trust.stores.windows import WindowsStore

machine, home = doctoring.machine, nss.home
CLASSES = (Chromium, Curl, Firefox, Go, Java, OpenSSL, Wget)
CLIENTS = [*(kind.kind for kind in CLASSES), "python", "httpx", "requests"]
CLIENTS += ["node", "node-openssl", "deno", "bun", "php", "php-curl", "ruby", "dotnet"]
STORES = {kind.kind for kind in (JavaStore, Keychain, NssStore, SystemStore, WindowsStore)}
READS = {
    "linux": {
        "system": "openssl curl wget python go node-openssl php php-curl ruby dotnet",
        "nss": "chromium",
        "firefox": "firefox",
        "java": "java",
    },
    "darwin": {"macos": "curl go dotnet chromium firefox", "java": "java"},
}


@pytest.mark.parametrize("platform", READS)
@pytest.mark.parametrize("client", CLIENTS)
def test_client_reads_the_store_of_its_platform(client: str, platform: str) -> None:
    stores = [store for store, names in READS[platform].items() if client in names.split()]
    assert store_of_client.kind(client, platform) == next(iter(stores), None)


def test_the_kinds_are_those_of_the_stores() -> None:
    named = {kind for table in store_of_client.PLATFORMS.values() for kind in table.values()}
    assert named == STORES - {"windows"} | {"firefox"}


def test_the_clients_are_those_that_there_are() -> None:
    named = {client for table in store_of_client.PLATFORMS.values() for client in table}
    assert named == set(CLIENTS) - {"bun", "deno", "node", "httpx", "requests"}


class RefusingFirefox(Firefox):
    def prove(self, target: Target, runner: Runner) -> Proof:
        return NO


class RefusingJava(Java):
    def prove(self, target: Target, runner: Runner) -> Proof:
        return NO


class RefusingChromium(Chromium):
    def prove(self, target: Target, runner: Runner) -> Proof:
        return NO


def two_stores(kind: str, has: str, first: Path, second: Path) -> list[FakeStore]:
    """The first lacks the root."""
    return [
        FakeStore(str(first), "the first store", kind),
        FakeStore(str(second), "the second store", kind, has),
    ]


SECOND: dict[str, tuple[str, str, str, Client]] = {
    "the second Firefox profile": (
        *("firefox", "/p/first", "/p/second"),
        RefusingFirefox("/bin/firefox", "1", Path("/p/second")),
    ),
    "the second JVM": (
        *("java", "/first/cacerts", "/second/cacerts"),
        RefusingJava("/second/bin/java", "21", "/second/cacerts"),
    ),
    "a Chromium from snap": (
        *("nss", "{home}/.pki/nssdb", "{home}/snap/chromium/current/.pki/nssdb"),
        RefusingChromium("/snap/bin/chromium", "Chromium", "1"),
    ),
    "a Chromium beside one from snap": (
        *("nss", "{home}/snap/chromium/current/.pki/nssdb", "{home}/.pki/nssdb"),
        RefusingChromium("/usr/bin/true", "Chromium", "1"),
    ),
    "a Chromium whose older database hides the newer": (
        *("nss", "{home}/.local/share/pki/nssdb", "{home}/.pki/nssdb"),
        RefusingChromium("/usr/bin/true", "Chromium", "1"),
    ),
}


@pytest.mark.parametrize(("kind", "first", "second", "client"), SECOND.values(), ids=SECOND)
def test_refusal_is_laid_to_the_store_of_this_very_client(
    machine: ProvenHome,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    first: str,
    second: str,
    client: Client,
) -> None:
    monkeypatch.setattr(browsers, "snap", _snap)
    paths = [Path(path.format(home=machine.folder)) for path in (first, second)]
    for path in paths if kind == "nss" else ():
        path.mkdir(parents=True)
    machine.stores = two_stores(kind, "", *paths)
    assert machine.check(client).why == "the root is not in the second store"
    machine.stores = two_stores(kind, "ours", *paths)
    assert machine.check(client).why == NO.why, "its own words: its store has the root"


def _snap(path: str) -> str | None:
    return Path(path).name if path.startswith("/snap/") else None


def test_firefox_of_a_mac_reads_the_keychain_whatever_its_profile(home: nss.Home) -> None:
    client = Firefox("/bin/firefox", "1", home.path / "p")
    assert store_of_client.reads(client, FakeStore(kind="macos"), home.env, "darwin")
    assert not store_of_client.reads(client, FakeStore(kind="macos"), home.env, "linux")
