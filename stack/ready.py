"""Waits until the stack answers, as a client that trusts the minted root alone."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from app.settings import DEFAULT_APP
from certs import mint
from stack.base import StackError
from stack.settings import Settings

DEADLINE = 60.0  # seconds
_PAUSE = 0.1
_TIMEOUT = 5.0  # of one try


def context(root: Path) -> ssl.SSLContext:
    """Verifies against this root and nothing else, strictly (as Python 3.13 does).

    Raises OSError when the file cannot be read.
    """
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    strict.minimum_version = ssl.TLSVersion.TLSv1_2
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    strict.load_verify_locations(root)
    return strict


def wait(settings: Settings, failed: Callable[[], str | None], *, known_app: bool = True) -> None:
    """Returns when the stack answers: an echo of the default app, anything of another.

    failed: asked between tries; a text means that waiting is of no use, and why.
    known_app: whether the app that runs is surely the one of these settings.
    Raises StackError with that text, or after DEADLINE with the last error.
    """
    root = settings.certs.ca_home / mint.ROOT
    probe = _echo if known_app and settings.app.app == DEFAULT_APP else _answer
    deadline = time.monotonic() + DEADLINE
    pause = threading.Event()
    while True:
        try:
            return probe(settings, context(root))
        except (OSError, WebSocketException, http.client.HTTPException) as error:
            last = error
        why = failed()
        if why:
            raise StackError(why)
        if time.monotonic() > deadline:
            raise StackError(
                f"{settings.url} did not answer within {DEADLINE:.0f} seconds; the last try: "
                f"{last or type(last).__name__}. See: make logs"
            )
        pause.wait(_PAUSE)


def _echo(settings: Settings, tls: ssl.SSLContext) -> None:
    connection = socket.create_connection(settings.connect_to, timeout=_TIMEOUT)
    uri = f"wss://localhost:{settings.https_port}/ws"
    with connect(uri, sock=connection, ssl=tls, open_timeout=_TIMEOUT) as client:
        client.send("")  # within any WS_MAX_SIZE
        if client.recv(timeout=_TIMEOUT) != "":
            raise ConnectionError("the echo was not what was sent")


def _answer(settings: Settings, tls: ssl.SSLContext) -> None:
    """Any answer will do for an app that is not ours, but not nginx's own 502 or 504."""
    connection = socket.create_connection(settings.connect_to, timeout=_TIMEOUT)
    client = http.client.HTTPSConnection("localhost", settings.https_port, timeout=_TIMEOUT)
    with tls.wrap_socket(connection, server_hostname="localhost") as client.sock:
        client.request("GET", "/")
        with client.getresponse() as response:
            if response.status in (502, 504):
                raise ConnectionError(f"nginx answers {response.status}: the app does not")
