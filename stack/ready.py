"""Waits until the stack answers, as a client that trusts the minted root alone."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.health import FAILED
from certs import mint
from certs.clients.base import Target
from certs.clients.wire import Conversation
from stack.base import StackError
from stack.settings import Settings

DEADLINE = 60.0  # seconds
_PATIENCE = 2.0  # seconds until somebody learns what is waited for
_PAUSE = 0.1
_TIMEOUT = 5.0  # of one try


class SilentUpstreamError(StackError):
    """The stack runs, and nginx finds the server behind it as soon as that does."""


def context(root: Path) -> ssl.SSLContext:
    """Verifies against this root and nothing else, strictly (as Python 3.13 does).

    Raises OSError when the file cannot be read.
    """
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    strict.minimum_version = ssl.TLSVersion.TLSv1_2
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    strict.load_verify_locations(root)
    return strict


def wait(
    settings: Settings,
    failed: Callable[[], str | None],
    say: Callable[[str], None],
    *,
    known_app: bool = True,
) -> None:
    """Returns when the stack answers: an echo of the default app, anything of another.

    failed: asked between tries; a text means that waiting is of no use, and why.
    known_app: whether the app that runs is surely the one of these settings.
    Raises StackError with that text, or after DEADLINE with the last error:
    SilentUpstreamError where nothing but UPSTREAM is missing.
    """
    root = settings.certs.ca_home / mint.ROOT
    probe = _echo if known_app and settings.echoes else _answer
    began = time.monotonic()
    told = ""
    pause = threading.Event()
    while True:
        awaited = "nginx and its certificate"
        try:
            tls = context(root)
            _covers(settings, tls)
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
            say(f"waiting for {awaited} ...")
            told = awaited
        if passed > DEADLINE:
            text = (
                f"{settings.url} did not answer within {DEADLINE:.0f} seconds; the last try: "
                f"{last or type(last).__name__}."
            )
            if settings.upstream and awaited == _behind(settings):
                raise SilentUpstreamError(
                    f"{text} The rest runs: start your server, and nginx finds it by itself"
                )
            raise StackError(f"{text} See: make logs")
        pause.wait(_PAUSE)


def _behind(settings: Settings) -> str:
    return f"UPSTREAM {settings.upstream}" if settings.upstream else "the app"


def _covers(settings: Settings, tls: ssl.SSLContext) -> None:
    """The leaf that is served has every name: a new one takes a moment."""
    connection = socket.create_connection(settings.connect_to, timeout=_TIMEOUT)
    with tls.wrap_socket(connection, server_hostname="localhost") as served:
        leaf: dict[str, Any] = served.getpeercert() or {}
    names = {name for _, name in leaf.get("subjectAltName", ())}
    missing = [name for name in settings.certs.hosts.names if name not in names]
    if missing:
        raise ConnectionError(f"the certificate is not yet for {', '.join(missing)}")


def _page(settings: Settings) -> None:
    """The trust page is there: certs writes it once it runs."""
    host, _ = settings.connect_to
    client = http.client.HTTPConnection(host, settings.http_port, timeout=_TIMEOUT)
    try:
        client.request("GET", "/", headers={"Host": "localhost"})
        status = client.getresponse().status
    finally:
        client.close()
    if status != 200:
        raise ConnectionError(f"the trust page is not there yet: nginx answers {status}")


def echo(address: tuple[str, int], port: int, tls: ssl.SSLContext) -> None:
    """Opens wss://localhost:port/ws at this address, and has a text echoed.

    In plain bytes, and in one thread: websockets' blocking client reads and writes
    one TLS object in two, which Python does not stand, a handshake in some hundreds
    (https://github.com/python/cpython/issues/151508).
    Raises OSError, where the answer was another too.
    """
    said = Conversation(Target(port), text="")  # within any WS_MAX_SIZE
    plain = socket.create_connection(address, timeout=_TIMEOUT)
    with tls.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(said.request() + said.frame())
        answer = b""
        while not said.echoed(answer):
            more = connection.recv(4096)
            answer += more
            if not more or (b"\r\n\r\n" in answer and not said.upgraded(answer)):
                line = answer.partition(b"\r\n")[0].decode(errors="replace")
                raise ConnectionError(f"no echo, but {line!r}")


def _echo(settings: Settings, tls: ssl.SSLContext) -> None:
    echo(settings.connect_to, settings.https_port, tls)


def _answer(settings: Settings, tls: ssl.SSLContext) -> None:
    """Any answer will do for an app that is not ours, but not nginx's own 502 or 504,
    and not what is answered in the place of an app that a save has broken."""
    connection = socket.create_connection(settings.connect_to, timeout=_TIMEOUT)
    client = http.client.HTTPSConnection("localhost", settings.https_port, timeout=_TIMEOUT)
    with tls.wrap_socket(connection, server_hostname="localhost") as client.sock:
        client.request("GET", "/")
        with client.getresponse() as response:
            if response.getheader(FAILED) and not settings.upstream:
                raise StackError(response.read().decode().strip())
            if response.status in (502, 504):
                raise ConnectionError(
                    f"nginx answers {response.status}: {_behind(settings)} does not answer"
                )
