"""Which kinds of store a client reads, by platform: where a refusal is looked into.

Clients that are not here bring a bundle of their own. Linux was tried. For macOS
it is what is documented of those that come with them or from their makers:
curl (https://curl.se/docs/sslcerts.html), Go (crypto/x509), Python (ssl,
load_default_certs), Chromium (its root store's FAQ), Firefox (since 120,
https://support.mozilla.org/kb/automatically-trust-third-party-certificates).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

_LINUX = {
    **dict.fromkeys(("openssl", "curl", "wget", "python", "go"), "system"),
    "node-openssl": "system",
    "java": "java",
    "chromium": "nss",
    "firefox": "firefox",
}
_MACOS = {
    **dict.fromkeys(("curl", "go", "chromium", "firefox"), "macos"),
    "java": "java",
}
# By sys.platform. WSL is Linux: what runs in it does not read Windows' store.
PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux": _LINUX,
    "darwin": _MACOS,
}


def kind(client: str, platform: str = sys.platform) -> str | None:
    """The kind of store that this kind of client reads; None: none that is written to."""
    return PLATFORMS.get(platform, _LINUX).get(client)
