"""What in the environment keeps a client from the store that it reads."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from trust.bundle import ADDING, REPLACING
from trust.pem import text_of
from trust.root import Root

# What each kind of client reads besides its store: these decide what it trusts,
# or whether it verifies at all.
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
    # Of the system's store too, which it reads on Linux (seen with 1.4.4).
    "bun": ("NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED", *_OPENSSL),
    **dict.fromkeys(("go", "php", "ruby", "dotnet"), _OPENSSL),
    "java": ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
}
# These hold options, of which only a few have to do with trust.
_OPTIONS = {
    "NODE_OPTIONS": re.compile(r"--use-(openssl|system|bundled)-ca\b"),
    "JAVA_TOOL_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
    "JDK_JAVA_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
    "_JAVA_OPTIONS": re.compile(r"-Djavax\.net\.ssl\.trustStore"),
}

# As curl, wget, Python's urllib and what follows them read them.
_PROXIES = (
    *("https_proxy", "HTTPS_PROXY", "wss_proxy", "WSS_PROXY"),
    *("all_proxy", "ALL_PROXY", "socks_proxy", "SOCKS_PROXY"),
)
_CREDENTIALS = re.compile(r"//[^/@]*@")
# Not an empty one in the list: wget takes that for every host.
NO_PROXY = 'export no_proxy="localhost,127.0.0.1,::1${no_proxy:+,$no_proxy}"'


def find(
    env: Mapping[str, str], kind: str, root: Root, platform: str = sys.platform
) -> dict[str, str]:
    """What is set that keeps this root from this kind of client. platform: as sys.platform.

    Browsers, and kinds that are not known, read none; nor do Go and .NET where
    the system verifies for them (crypto/x509: "On Unix systems other than macOS"). A file that has
    the root, as `make env` writes it, keeps it from nobody.
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
    """What is set that leads programs to a proxy, which knows another localhost.

    A password in it is left out.
    """
    return {name: _CREDENTIALS.sub("//", env[name]) for name in _PROXIES if env.get(name)}


def undone(overrides: Iterable[str]) -> bool:
    """Whether `make env` undoes these: it sets no options, nor WGETRC."""
    return {*overrides} <= {*ADDING, *REPLACING, *_OPENSSL}
