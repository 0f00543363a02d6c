"""Waits until the stack answers a client that trusts the minted root alone."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from stack import asking
from stack.base import StackError
from stack.settings import Settings
from uvicorn_runner.health import FAILED

log = logging.getLogger(__name__)

DEADLINE = 60.0  # seconds
_PATIENCE = 2.0  # seconds until the user is told why it takes so long
_PAUSE = 0.05
# After _PATIENCE the tries are less frequent: each one costs two TLS handshakes.
_LONG_PAUSE = 1.0


class SilentUpstreamError(StackError):
    """The stack runs, but UPSTREAM does not; nginx finds it when it starts."""


def wait(
    settings: Settings,
    failed: Callable[[], str | None],
    *,
    known_app: bool = True,
) -> None:
    """Returns when the stack answers: an echo of the default app, anything of another.

    failed: called between tries; returns the reason if it is of no use to wait longer.
    known_app: whether the app that runs is surely the one of these settings.
    Raises StackError with that text, or after DEADLINE with the last error:
    SilentUpstreamError where nothing but UPSTREAM is missing.
    """
    root = settings.certs.root
    probe = _echo if known_app and settings.is_echo_app else _answer
    began = time.monotonic()
    told = ""
    pause = threading.Event()
    while True:
        awaited = "nginx and its certificate"
        try:
            tls = asking.context(root)
            _covers(settings, tls)
            _serves_own(settings)
            _page(settings)
            awaited = _behind(settings)
            return probe(settings, tls)
        except (OSError, http.client.HTTPException) as error:
            last = error
        why = failed()
        if why:
            raise StackError(why)
        passed = time.monotonic() - began
        if passed > _PATIENCE and told != awaited:
            log.info("waiting for %s ...", awaited)
            told = awaited
        if passed > DEADLINE:
            text = (
                f"{settings.endpoint.url} did not answer within {DEADLINE:.0f} seconds; the last "
                f"try: {last or type(last).__name__}."
            )
            if settings.upstream and awaited == _behind(settings):
                raise SilentUpstreamError(
                    f"{text} The rest runs: start your server, and nginx finds it by itself"
                )
            raise StackError(f"{text} See: make logs")
        pause.wait(_PAUSE if passed < _PATIENCE else _LONG_PAUSE)


def _behind(settings: Settings) -> str:
    return f"UPSTREAM {settings.upstream}" if settings.upstream else "the app"


def _covers(settings: Settings, tls: ssl.SSLContext) -> None:
    """Raises ConnectionError until nginx serves a leaf that has every name."""
    connection = socket.create_connection(settings.endpoint.address, timeout=asking.TIMEOUT)
    with tls.wrap_socket(connection, server_hostname="localhost") as served:
        leaf: dict[str, Any] = served.getpeercert() or {}
    names = {name for _, name in leaf.get("subjectAltName", ())}
    from certs import ca_home  # here, because only `make up` needs cryptography

    wanted = ca_home.minted_hosts(settings.certs).names
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ConnectionError(f"the certificate is not yet for {', '.join(missing)}")


def _serves_own(settings: Settings) -> None:
    """Raises OSError until nginx serves CERT, where this user may read it."""
    if settings.certs.own is None:
        return
    # Here, because few have CERT.
    from cryptography.hazmat.primitives.serialization import Encoding

    from certs import ca_home, nginx_values, own_leaf

    own, _ = own_leaf.look(settings.certs)
    authority = ca_home.usable(settings.certs)
    if own is None or authority is None:
        return
    # nginx knows some names only from its start on: a file that changed since may have others.
    known_at_start = nginx_values.own_names_in_map(own, authority.permitted)
    names = [name for name in own.names if name not in known_at_start]
    if not names:
        return
    # Its root may be unknown here: this very certificate is what is trusted.
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trust.load_verify_locations(cadata=own.leaf.public_bytes(Encoding.PEM).decode())
    connection = socket.create_connection(settings.endpoint.address, timeout=asking.TIMEOUT)
    with connection, trust.wrap_socket(connection, server_hostname=names[0].replace("*", "any")):
        pass


def _page(settings: Settings) -> None:
    """Raises OSError until nginx serves the trust page, which certs writes."""
    client = http.client.HTTPConnection(
        settings.endpoint.reached_at, settings.endpoint.http_port, timeout=asking.TIMEOUT
    )
    try:
        client.request("GET", "/", headers={"Host": "localhost"})
        status = client.getresponse().status
    finally:
        client.close()
    if status != 200:
        raise ConnectionError(f"the trust page is not there yet: nginx answers {status}")


def _echo(settings: Settings, tls: ssl.SSLContext) -> None:
    asking.echo(settings.endpoint.address, settings.endpoint.https_port, tls)


def _answer(settings: Settings, tls: ssl.SSLContext) -> None:
    """Accepts any answer of an app or upstream, except nginx's own 502 and 504, and the answer
    that replaces an app that a save has broken."""
    connection = socket.create_connection(settings.endpoint.address, timeout=asking.TIMEOUT)
    client = http.client.HTTPSConnection(
        "localhost", settings.endpoint.https_port, timeout=asking.TIMEOUT
    )
    with tls.wrap_socket(connection, server_hostname="localhost") as client.sock:
        client.request("GET", "/")
        with client.getresponse() as response:
            if response.getheader(FAILED) and not settings.upstream:
                raise StackError(response.read().decode().strip())
            if response.status in (502, 504):
                raise ConnectionError(
                    f"nginx answers {response.status}: {_behind(settings)} does not answer"
                )
