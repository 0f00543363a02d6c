"""Which store a refusal is looked into: by client, and by platform."""

from __future__ import annotations

import pytest

from trust.clients.chromium import Chromium
from trust.clients.curl import Curl
from trust.clients.firefox import Firefox
from trust.clients.go import Go
from trust.clients.java import Java
from trust.clients.openssl import OpenSSL
from trust.clients.wget import Wget
from trust.proof import store_of_client
from trust.stores.java import JavaStore
from trust.stores.macos import Keychain
from trust.stores.nss import NssStore
from trust.stores.system import SystemStore
from trust.stores.windows import WindowsStore

CLASSES = (Chromium, Curl, Firefox, Go, Java, OpenSSL, Wget)
CLIENTS = [*(kind.kind for kind in CLASSES), "python", "httpx", "requests"]
CLIENTS += ["node", "node-openssl", "deno", "bun"]
STORES = {kind.kind for kind in (JavaStore, Keychain, NssStore, SystemStore, WindowsStore)}
READS = {
    "linux": {
        "system": "openssl curl wget python go node-openssl",
        "nss": "chromium",
        "firefox": "firefox",
        "java": "java",
    },
    "darwin": {"macos": "curl go chromium firefox", "java": "java"},
}


@pytest.mark.parametrize("platform", READS)
@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_reads_the_store_of_its_platform(client: str, platform: str) -> None:
    stores = [store for store, names in READS[platform].items() if client in names.split()]
    assert store_of_client.kind(client, platform) == next(iter(stores), None)


def test_the_kinds_are_those_of_the_stores() -> None:
    named = {kind for table in store_of_client.PLATFORMS.values() for kind in table.values()}
    assert named == STORES - {"windows"} | {"firefox"}


def test_the_clients_are_those_that_there_are() -> None:
    named = {client for table in store_of_client.PLATFORMS.values() for client in table}
    assert named == set(CLIENTS) - {"bun", "deno", "node", "httpx", "requests"}
