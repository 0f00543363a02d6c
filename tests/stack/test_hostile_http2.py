"""Floods over HTTP/2, each bounded in number: the connection that makes them is closed, and
nobody else notices. An nginx with published holes has no HTTP/2: it is refused there."""

from __future__ import annotations

import contextlib
import itertools
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hyperframe.frame import (
    ContinuationFrame,
    Frame,
    GoAwayFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.support.hostile import answer, case, record, told
from tests.support.http2 import ENHANCE_YOUR_CALM, PREFACE, Http2, encoded, headers, request
from tests.support.running import Running
from tests.support.steady import Seen

NO_ERROR, REFUSED_STREAM, CANCEL = 0, 7, 8  # RFC 9113, section 7
STREAMS = 32  # http2_max_concurrent_streams
DONE = ("END_HEADERS", "END_STREAM")


def without_http2(stack: Running, name: str) -> bool:
    """Whether this nginx is to have none. What a client that speaks it all the same sees."""
    if stack.http2:
        return False
    with stack.tls_socket() as raw:
        raw.sendall(PREFACE)
        assert answer(raw)[0] == 400
    record(stack, name, f"{told(400)}: this nginx is to have no HTTP/2")
    return True


def upgraded() -> Iterator[Frame]:
    handshake = [
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    yield headers(1, request("/ws", more=handshake), *DONE)


def extended() -> Iterator[Frame]:
    fields = [(":protocol", "websocket"), *request("/ws", "CONNECT")]
    yield headers(1, fields, "END_HEADERS")


REQUESTS = {
    "Upgrade in HTTP/2": (upgraded, 426),
    "extended CONNECT, which was not offered": (extended, 400),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_websocket_over_http2_is_refused(stack: Running, name: str) -> None:
    make, status = REQUESTS[name]
    if without_http2(stack, name):
        return
    client = Http2(stack)
    with client.raw:
        client.send(*make())
        assert client.status() == status
    record(stack, name, told(status))


def test_websockets_over_http2_are_not_offered(stack: Running) -> None:
    """A browser uses what is offered (RFC 8441, section 3), and nginx cannot answer it."""
    name = "settings of HTTP/2"
    if without_http2(stack, name):
        return
    client = Http2(stack)
    with client.raw:
        offered = client.settings()
    assert SettingsFrame.ENABLE_CONNECT_PROTOCOL not in offered
    assert offered[SettingsFrame.MAX_CONCURRENT_STREAMS] == STREAMS
    record(stack, name, f"{STREAMS} streams, no extended CONNECT")


def test_more_streams_than_are_offered_are_refused(stack: Running) -> None:
    name = "more streams than are offered"
    if without_http2(stack, name):
        return
    client = Http2(stack)
    with client.raw:
        asked = request("/", "POST")  # with bodies that do not come
        client.send(*(headers(2 * n + 1, asked, "END_HEADERS") for n in range(STREAMS + 1)))
        assert client.status() == -REFUSED_STREAM
    record(stack, name, "RST_STREAM, REFUSED_STREAM")


def resets() -> Iterator[Frame]:
    for stream in range(1, 2000, 2):
        yield headers(stream, request("/healthz"), *DONE)
        yield RstStreamFrame(stream, CANCEL)


def continuations() -> Iterator[Frame]:
    yield headers(1, request("/healthz"))
    for number in range(2000):
        yield ContinuationFrame(1, encoded([(f"x-{number}", "a" * 1000)]))


SETTINGS = SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 1})


def bomb() -> Iterator[Frame]:
    """A field in the table of 4 KiB, and 2000 times one byte that stands for it: 8 MiB."""
    frame = headers(1, request("/healthz"), *DONE)
    # RFC 7541, section 6.2.1: a literal for the table; section 6.1: its index there.
    frame.data += b"\x40\x01x\x7f\xbd\x1e" + b"a" * 4028 + b"\xbe" * 2000
    yield frame


# With NO_ERROR nginx closes what sent it over 8 MiB of frames for nearly no data.
FLOODS: dict[str, tuple[Frame | Callable[[], Iterator[Frame]], int]] = {
    "1000 streams, each reset at once": (resets, NO_ERROR),
    "2000 CONTINUATION frames": (continuations, ENHANCE_YOUR_CALM),
    "PING frames": (PingFrame(0, b"12345678"), NO_ERROR),
    "SETTINGS frames": (SETTINGS, NO_ERROR),
    "WINDOW_UPDATE frames": (WindowUpdateFrame(0, 1), NO_ERROR),
    "PRIORITY frames": (PriorityFrame(1, stream_weight=1), ENHANCE_YOUR_CALM),
    "headers of 4 KB that are 8 MB": (bomb, ENHANCE_YOUR_CALM),
}


def test_connection_after_connection_of_resets_holds_nobody_up(
    stack: Running, neighbour: Seen
) -> None:
    name = "50 connections of 1000 streams, each reset at once"
    if without_http2(stack, name):
        return
    with case(stack, neighbour, name, "closed, each"):
        for _ in range(50):
            client = Http2(stack)
            with client.raw, contextlib.suppress(ConnectionError, ssl.SSLError):
                client.send(*resets())
                assert goodbye(client) in (NO_ERROR, None)


@pytest.mark.parametrize("name", FLOODS)
def test_flood_over_http2_ends_its_own_connection(
    stack: Running, neighbour: Seen, name: str
) -> None:
    if without_http2(stack, name):
        return
    made, code = FLOODS[name]
    with case(stack, neighbour, name, "closed, with GOAWAY"):
        client = Http2(stack)
        with client.raw:
            with contextlib.suppress(ConnectionError, ssl.SSLError), ThreadPoolExecutor() as pool:
                last = pool.submit(goodbye, client)
                for some in pieces(made):
                    client.raw.sendall(some)
                    if last.done():
                        break
            # None: a connection that is closed while data comes in is reset, and its GOAWAY lost.
            assert last.result() in (code, None)


def pieces(made: Frame | Callable[[], Iterator[Frame]]) -> Iterator[bytes]:
    """What to send: frames, or one of them up to 800 000 times."""
    if isinstance(made, Frame):
        return itertools.repeat(made.serialize() * 2000, 400)
    return iter([b"".join(frame.serialize() for frame in made())])


def goodbye(client: Http2) -> int | None:
    """The error of the GOAWAY frame that the connection ends with."""
    codes = [frame.error_code for frame in client.frames() if isinstance(frame, GoAwayFrame)]
    return codes[-1] if codes else None
