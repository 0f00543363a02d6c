"""The store that each client reads, by platform, to find the cause of a refusal.

Clients that are missing here have their own bundle. Linux was tried; macOS follows the
documentation of curl (https://curl.se/docs/sslcerts.html), Go (crypto/x509), Python (ssl,
load_default_certs), Chromium (its root store's FAQ), Firefox (since 120,
https://support.mozilla.org/kb/automatically-trust-third-party-certificates).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from trust.browsers import home_nss
from trust.clients import browsers
from trust.clients.base import Client
from trust.clients.chromium import Chromium
from trust.clients.firefox import Firefox
from trust.clients.java import Java

_LINUX = {
    **dict.fromkeys(("openssl", "curl", "wget", "python", "go"), "system"),
    **dict.fromkeys(("node-openssl", "php", "php-curl", "ruby", "dotnet"), "system"),
    "java": "java",
    "chromium": "nss",
    "firefox": "firefox",
}
_MACOS = {
    **dict.fromkeys(("curl", "go", "dotnet", "chromium", "firefox"), "macos"),
    "java": "java",
}
# By sys.platform. WSL is Linux: programs in it do not read Windows' store.
PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux": _LINUX,
    "darwin": _MACOS,
}


def kind(client: str, platform: str = sys.platform) -> str | None:
    """The kind of store that this kind of client reads; None if this project writes to none."""
    return PLATFORMS.get(platform, _LINUX).get(client)


class Place(Protocol):
    """A store, or its entry in the ledger."""

    @property
    def kind(self) -> str: ...

    @property
    def place(self) -> str: ...


def reads(
    client: Client, store: Place, env: Mapping[str, str], platform: str = sys.platform
) -> bool:
    """Whether the client reads this store, and not another of the same kind: each Firefox
    profile, each JVM and each browser from snap has its own."""
    if store.kind != kind(client.kind, platform):
        return False
    match client, store.kind:
        case Firefox(profile=profile), "firefox":
            return store.place == str(profile)
        case Java(keystore=keystore), "java" if keystore:
            return store.place == keystore
        case Chromium(path=path), "nss":
            return _in_chromiums(Path(store.place), path, env)
    return True


def _in_chromiums(store: Path, program: str, env: Mapping[str, str]) -> bool:
    home = Path(env.get("HOME", "/"))
    confined = [home / "snap", home / ".var/app"]
    if snap := browsers.snap(program):
        return store.is_relative_to(home / "snap" / snap)
    if any(store.is_relative_to(folder) for folder in confined):
        return False
    # If the home folder has both databases, Chromium reads the first one alone.
    there = home_nss({**env, "HOME": str(home)})
    return not there or store == there[0]
