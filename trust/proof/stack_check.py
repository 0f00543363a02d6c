"""Asks wss://localhost:HTTPS_PORT as a client that trusts the root alone.

A bad leaf there has nothing to do with trust stores: no client can pass. So this check tells
a bad leaf from a stack that is down.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from certs import ca_home
from certs.settings import Settings
from stack import asking
from trust.clients.base import Verdict

_TIMEOUT = 5.0
_PAUSE = 0.2
_START = "make up"  # names the program that has the port, if it is another
# X509_V_ERR_..., in OpenSSL's x509_vfy.h.
_CAUSES = {9: "is not valid yet", 10: "has expired", 62: "is not for localhost"}


@dataclass(frozen=True)
class Served:
    """PASS: the leaf is this authority's, and for all hosts. FAIL: some client must refuse the
    leaf. UNKNOWN: no server is there, or its leaf cannot be checked.

    echoes: whether clients can be proven by an echo there.
    """

    verdict: Verdict
    why: str = ""
    fix: str = ""
    echoes: bool = False


def look(settings: Settings, patience: float = 0.0) -> Served:
    """patience: seconds to wait for a good leaf: nginx takes a moment to serve a new one.
    Raises OSError if root.pem cannot be read."""
    deadline = time.monotonic() + patience
    while True:
        found = _look(settings)
        if found.verdict is not Verdict.FAIL or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE)


def _look(settings: Settings) -> Served:
    tls = asking.context(settings.ca_home / ca_home.ROOT)
    port = settings.endpoint.https_port
    address = settings.endpoint.reached_at
    try:
        plain = socket.create_connection((address, port), timeout=_TIMEOUT)
    except ConnectionRefusedError:
        return Served(Verdict.UNKNOWN, f"nothing listens on port {port}", _START)
    except OSError as error:
        return Served(Verdict.UNKNOWN, f"{address} does not answer on port {port}: {error}", _START)
    try:
        # plain too, so that the socket is closed if the handshake fails.
        with plain, tls.wrap_socket(plain, server_hostname="localhost") as connection:
            leaf: dict[str, Any] = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        why = f"the certificate on port {port} {_cause(error, address, port)}"
        return Served(Verdict.FAIL, why, _START)
    except OSError as error:
        why = f"the server on port {port} speaks no TLS: {error}"
        return Served(Verdict.UNKNOWN, why, _START)
    names = {name for _, name in leaf.get("subjectAltName", ())}
    missing = [name for name in ca_home.minted_hosts(settings).names if name not in names]
    return _behind(settings, address, tls, missing)


def _behind(
    settings: Settings, address: str, tls: ssl.SSLContext, missing: Sequence[str]
) -> Served:
    """missing: hosts that the leaf lacks; localhost is not among them."""
    endpoint, port = settings.endpoint, settings.endpoint.https_port
    why, echoes = "", False
    if not settings.is_echo_app:
        why = "its certificate is good; whether your app answers was not looked at"
    elif not endpoint.has_localhost:
        why = f"its certificate is good; localhost does not lead to {endpoint.bind}"
    else:
        try:
            asking.echo((address, port), port, tls)
            echoes = True
        except OSError as error:
            why = f"its certificate is good, but no echo came from wss://localhost:{port}/ws"
            if not missing:
                hangs = isinstance(error, TimeoutError)
                said = "the app does not answer" if hangs else str(error)
                fix = "make restart" if hangs else "make logs"
                return Served(Verdict.UNKNOWN, f"{why} ({said})", fix)
    if missing:
        why = f"the certificate on port {port} is not for {', '.join(missing)}"
        return Served(Verdict.FAIL, why, _START, echoes)
    return Served(Verdict.PASS, why, echoes=echoes)


def _cause(error: ssl.SSLCertVerificationError, address: str, port: int) -> str:
    cause = _CAUSES.get(error.verify_code)
    if cause:
        return cause
    try:
        pem = ssl.get_server_certificate((address, port), timeout=_TIMEOUT)
        issuer = x509.load_pem_x509_certificate(pem.encode()).issuer.rfc4514_string()
    except (OSError, ValueError):
        return f"is not of this authority: {error.verify_message}"
    return f"is not of this authority, but of {issuer or 'nobody'}: {error.verify_message}"
