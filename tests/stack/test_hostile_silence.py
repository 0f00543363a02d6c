"""Clients that keep others waiting: nothing more comes from them, or they read nothing.

They all begin at once, so that the module takes as long as the most patient limit of nginx.
"""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hyperframe.frame import RstStreamFrame, SettingsFrame
from websockets.frames import Opcode

from tests.support.faults import leader
from tests.support.frames import HANDSHAKE, frame, receive, upgrade
from tests.support.hostile import HALF_A_BODY, case, client_hello, rest, tcp
from tests.support.http2 import Http2, headers, request
from tests.support.running import Running
from tests.support.steady import Seen
from tests.support.waiting import until

PATIENCE = 15  # seconds: client_header_timeout and client_body_timeout of nginx
UNREAD = 30  # seconds: its send_timeout
PING = 20  # seconds: ws_ping_interval and ws_ping_timeout of the app
BUSY = 25  # seconds that a busy machine may add; nginx waits for 60 by itself
MIB = 1024 * 1024
UNREAD_PATH = "/ws?unread"


def halves(stack: Running) -> dict[str, socket.socket]:
    hello = client_hello()
    silent, hello_sent = tcp(stack), tcp(stack)
    hello_sent.sendall(hello[: len(hello) // 2])
    no_request, head_sent, body_sent = (stack.tls_socket() for _ in range(3))
    head_sent.sendall(HANDSHAKE.encode()[:60])
    body_sent.sendall(HALF_A_BODY)
    return {
        "connection that sends nothing": silent,
        "half a ClientHello": hello_sent,
        "TLS and no request": no_request,
        "half the head of a handshake": head_sent,
        "half a body": body_sent,
    }


def websocket(stack: Running) -> socket.socket:
    raw = stack.tls_socket()
    upgrade(raw, path=UNREAD_PATH)
    raw.settimeout(1)
    message = frame(Opcode.BINARY, bytes(4 * MIB))
    with contextlib.suppress(TimeoutError):
        while True:
            raw.sendall(message)
    return raw


def windows(stack: Running) -> Http2:
    """As many requests as one connection may have, and no window for an answer."""
    client = Http2(stack, settings=SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 0}))
    asked = request("/.wss-stack/console/")
    client.send(*(headers(2 * n + 1, asked, "END_HEADERS", "END_STREAM") for n in range(32)))
    return client


class Opened:
    """All of these clients, from the start of the module on."""

    def __init__(self, stack: Running) -> None:
        self.silent = halves(stack)
        self.pinged = stack.tls_socket()
        upgrade(self.pinged)
        self.unread = websocket(stack)
        self.closed_windows = windows(stack) if stack.http2 else None
        self.began = time.monotonic()

    def left(self, seconds: float) -> float:
        return self.began + seconds + BUSY - time.monotonic()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell their timers")
def test_peer_that_is_gone_without_a_word_is_found(stack: Running) -> None:
    """A WebSocket may be silent for an hour: keep-alive probes find a peer that lost its
    network, on both sides of nginx."""
    with stack.connect():
        # In local mode the app is behind a Unix socket.
        wanted = {"client": {KEEPALIVE}, "app": {KEEPALIVE} if stack.mode == "docker" else set()}
        until(lambda: timers_of(stack) == wanted, "keep-alive timers alone")


KEEPALIVE = "02"  # man 5 proc: /proc/net/tcp, tr


def timers_of(stack: Running) -> dict[str, set[str]]:
    """The timers of nginx's open connections, on either side."""
    ports = {"client": stack.https_port if stack.mode == "local" else 8443, "app": 8000}
    lines = Path(f"/proc/{leader(stack, 'nginx').pid}/net/tcp").read_text().splitlines()[1:]
    found: dict[str, set[str]] = {"client": set(), "app": set()}
    for _, local, remote, state, _, timer, *_ in map(str.split, lines):
        for side, address in (("client", local), ("app", remote)):
            if state == "01" and int(address.partition(":")[2], 16) == ports[side]:
                found[side].add(timer.partition(":")[0])
    return found


@pytest.fixture(scope="module")
def opened(shared: Running) -> Iterator[Opened]:
    made = Opened(shared)
    yield made
    for raw in (*made.silent.values(), made.pinged, made.unread):
        raw.close()
    if made.closed_windows:
        made.closed_windows.raw.close()


def test_silent_and_half_sent_connections_are_cut(
    stack: Running, neighbour: Seen, opened: Opened
) -> None:
    for name, raw in opened.silent.items():
        with case(stack, neighbour, name, f"cut after {PATIENCE} s"):
            raw.settimeout(opened.left(PATIENCE))
            assert rest(raw) == b""


def test_silent_websocket_is_pinged(stack: Running, neighbour: Seen, opened: Opened) -> None:
    """An answer is awaited as long again: tests/unit/runner/test_patience.py."""
    said = f"a ping after {PING} s; closed with 1011 {PING} s later"
    with case(stack, neighbour, "WebSocket that sends nothing", said):
        opened.pinged.settimeout(opened.left(PING))
        assert receive(opened.pinged)[0] == Opcode.PING


def test_websocket_that_does_not_read_is_cut(
    stack: Running, neighbour: Seen, opened: Opened
) -> None:
    """The client cannot see it: it would have to read. nginx logs a WebSocket at its end."""
    line = re.compile(rf'"uri":"{re.escape(UNREAD_PATH)}","protocol":"HTTP/1.1","status":101,')

    def ended() -> bool:
        return bool(line.search(nginx_log(stack)))

    with case(stack, neighbour, "WebSocket whose echoes are not read", f"cut after {UNREAD} s"):
        until(ended, "nginx to cut it", seconds=opened.left(UNREAD))


def nginx_log(stack: Running) -> str:
    if stack.mode == "docker":
        return stack.compose("logs", "--no-color", "nginx")
    return (stack.folder / "run" / "logs" / "nginx.log").read_text()


def test_answers_without_a_window_are_cut(stack: Running, neighbour: Seen, opened: Opened) -> None:
    client = opened.closed_windows
    if client is None:
        return  # without HTTP/2 there are no windows
    with case(stack, neighbour, "answers over HTTP/2, with windows of 0", f"cut after {UNREAD} s"):
        client.raw.settimeout(opened.left(UNREAD))
        ends = (frame for frame in client.frames() if isinstance(frame, RstStreamFrame))
        assert {next(ends).stream_id for _ in range(32)} == set(range(1, 65, 2))
