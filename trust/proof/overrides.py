"""Environment variables that make a client ignore its store."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from trust.bundle import ADDING, REPLACING
from trust.pem import text_of
from trust.root import Root

# The variables of each kind of client that decide what it trusts instead of its
# store, or whether it verifies at all.
_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_NODE = (
    *("NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"),
    *("NODE_USE_SYSTEM_CA", "NODE_TLS_REJECT_UNAUTHORIZED"),
)
_READS: dict[str, tuple[str, ...]] = {
    "openssl": _OPENSSL,
    "curl": ("CURL_CA_BUNDLE", *_OPENSSL),
    "wget": ("WGETRC",),
    "python": _OPENSSL,
    "httpx": _OPENSSL,
    "requests": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "node": _NODE,
    "node-openssl": (*_NODE, *_OPENSSL),
    "deno": ("DENO_CERT", "DENO_TLS_CA_STORE"),
    # bun reads the system's store too on Linux, and so its variables (seen with 1.4.4).
    "bun": ("NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED", *_OPENSSL),
    **dict.fromkeys(("go", "php", "ruby", "dotnet"), _OPENSSL),
    "java": ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
}
# Variables that hold options, of which only these concern trust.
_OPTIONS = {
    "NODE_OPTIONS": re.compile(r"--use-(openssl|system|bundled)-ca\b"),
    "JAVA_TOOL_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
    "JDK_JAVA_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
    "_JAVA_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
}

# The proxy variables of curl, wget, Python's urllib and other programs.
_PROXIES = (
    *("https_proxy", "HTTPS_PROXY", "wss_proxy", "WSS_PROXY"),
    *("all_proxy", "ALL_PROXY", "socks_proxy", "SOCKS_PROXY"),
)
_CREDENTIALS = re.compile(r"//[^/@]*@")
# The list must not have an empty item: wget takes it for all hosts.
NO_PROXY = 'export no_proxy="localhost,127.0.0.1,::1${no_proxy:+,$no_proxy}"'


def find(
    env: Mapping[str, str], kind: str, root: Root, platform: str = sys.platform
) -> dict[str, str]:
    """The variables that keep this kind of client from this root. platform: see sys.platform.

    Browsers and unknown kinds read none; nor do Go and .NET on systems that verify for them
    (crypto/x509: "On Unix systems other than macOS"). A variable does no harm if its file has
    the root, as the bundle of `make env` does.
    """
    verified = kind in ("go", "dotnet") and platform == "darwin"
    return {
        name: env[name]
        for name in (() if verified else _READS.get(kind, ()))
        if env.get(name)
        and (name not in _OPTIONS or _OPTIONS[name].search(env[name]))
        and not (name in (*ADDING, *REPLACING) and root.pem.strip() in text_of(Path(env[name])))
    }


def proxies(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that lead programs to a proxy, for which localhost is another machine.
    Passwords are left out."""
    return {name: _CREDENTIALS.sub("//", env[name]) for name in _PROXIES if env.get(name)}


def undone(overrides: Iterable[str]) -> bool:
    """Whether `make env` replaces all of these: it sets neither options nor WGETRC."""
    return {*overrides} <= {*ADDING, *REPLACING, *_OPENSSL}
