"""What one client can make the app hold: bounded, and refused with the right code."""

from __future__ import annotations

import resource
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Opcode

from tests.support.app_process import App, answers
from tests.support.frames import HANDSHAKE, RSV1, close_code, frame, receive
from tests.support.programs import PROGRAMS
from uvicorn_runner.protocol import MAX_FRAGMENTS

MIB = 1024 * 1024


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = App(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def deflating(tmp_path: Path) -> Iterator[App]:
    made = App(tmp_path, WS_DEFLATE="1")
    yield made
    made.stop()


def test_message_of_many_fragments_arrives_whole(app: App) -> None:
    with app.connect() as client:
        client.send("ab" for _ in range(MAX_FRAGMENTS - 1))
        assert client.recv(timeout=20) == "ab" * (MAX_FRAGMENTS - 1)


@pytest.mark.parametrize("piece", [b"x", b""])
def test_message_without_end_is_refused_with_1009(app: App, piece: bytes) -> None:
    before = app.memory()
    fragments = frame(Opcode.CONT, piece, fin=False) * 100_000
    with app.upgraded() as raw:
        raw.sendall(frame(Opcode.BINARY, b"x", fin=False) + fragments)
        assert close_code(raw) == 1009
    assert app.memory() - before < 20
    assert answers(app)


def test_pings_of_a_client_that_does_not_read_are_not_kept(app: App) -> None:
    before = app.memory()
    with app.upgraded() as raw:
        for number in range(200):
            last = b"%-125d" % number
            raw.sendall(frame(Opcode.PING, last) * 2000)  # 52 MB in all
        assert app.memory() - before < 20
        assert answers(app)
        raw.sendall(frame(Opcode.TEXT, b"the end"))
        read = b""
        while not read.endswith(b"the end"):
            read += raw.recv(65536)
    assert last in read  # the latest ping has its answer


def test_messages_of_a_client_that_does_not_read_are_not_kept(app: App) -> None:
    before = app.memory()
    message = frame(Opcode.BINARY, bytes(4 * MIB))
    with app.upgraded() as raw:
        raw.settimeout(1)
        with pytest.raises(TimeoutError):  # the app does not take them any more
            raw.sendall(message * 20)
        assert app.memory() - before < 60
        assert answers(app)


def test_longest_message_is_what_the_setting_says(tmp_path: Path) -> None:
    app = App(tmp_path, WS_MAX_SIZE="1000")
    try:
        with app.connect() as client:
            client.send("a" * 1000)
            assert client.recv(timeout=10) == "a" * 1000
            client.send("a" * 1001)
            with pytest.raises(ConnectionClosedError, match="1009"):
                client.recv(timeout=10)
    finally:
        app.stop()


def test_deflate_is_refused_unless_it_was_asked_for(app: App) -> None:
    with app.connect() as client:
        assert client.protocol.extensions == []


def test_deflate_is_taken_where_it_was_asked_for(deflating: App) -> None:
    with deflating.connect() as client:
        assert [extension.name for extension in client.protocol.extensions] == [
            "permessage-deflate"
        ]
        client.send("a" * 100_000)
        assert client.recv(timeout=10) == "a" * 100_000


def test_bombs_in_one_burst_are_inflated_one_by_one(deflating: App) -> None:
    before = deflating.memory()
    packer = zlib.compressobj(9, zlib.DEFLATED, -12)
    bomb = packer.compress(bytes(15 * MIB)) + packer.flush(zlib.Z_SYNC_FLUSH)
    bombs = frame(Opcode.BINARY, bomb.removesuffix(b"\0\0\xff\xff"), reserved=RSV1) * 40
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"
    with deflating.upgraded(offer) as raw:
        raw.sendall(bombs)
        assert answers(deflating)
        assert deflating.memory() - before < 120  # 40 of them are 600 MiB


def test_inflated_message_over_the_limit_is_refused_with_1009(deflating: App) -> None:
    with deflating.connect() as client:
        client.send("a" * (17 * MIB))
        with pytest.raises(ConnectionClosedError) as closed:
            client.recv(timeout=20)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("Content-Length: 5\r\n\r\nhello", 400),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400),
        ("".join(f"X-{number}: 1\r\n" for number in range(140)) + "\r\n", 431),
        ("X-Long: " + "a" * 70_000 + "\r\n\r\n", 431),
    ],
    ids=["a body", "a chunked body", "140 headers", "a long header"],
)
def test_odd_handshake_is_answered_at_once(app: App, more: str, status: int) -> None:
    with app.send(HANDSHAKE + more) as raw:
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answers(app)


IMPATIENT = ("-m", "tests.programs.impatient_runner")
SILENT = {"APP": "silent_websocket:app", "APP_PATH": str(PROGRAMS / "apps")}


def test_handshake_that_the_app_leaves_open_is_answered_with_504(tmp_path: Path) -> None:
    app = App(tmp_path, *IMPATIENT, **SILENT, RELOAD="0")
    try:
        with app.send(HANDSHAKE + "\r\n") as raw:
            answer = b"".join(iter(lambda: raw.recv(4096), b""))
    finally:
        app.stop()
    assert answer.startswith(b"HTTP/1.1 504 ")
    assert b"did not answer this handshake" in answer


def test_app_may_open_more_files_than_a_shell_allows(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        app = App(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        assert app.limit(psutil.RLIMIT_NOFILE) == min(32768, hard)
    finally:
        app.stop()


def test_client_that_sends_while_the_app_is_stopped_is_told_1012_and_not_reset(app: App) -> None:
    told = b"\x88\x02" + (1012).to_bytes(2, "big")
    with app.upgraded() as raw, ThreadPoolExecutor() as pool:
        raw.sendall(frame(Opcode.TEXT, b"x" * 1000) * 150)  # not read, so the app waits
        stopped = pool.submit(app.stop)
        received = b""
        while not received.endswith(told):
            received += raw.recv(65536)
        raw.sendall(frame(Opcode.TEXT, b"x") + frame(Opcode.CLOSE, told[2:]))
        assert raw.recv(1) == b""
        stopped.result()
    assert "Traceback" not in app.log


def test_text_that_is_no_utf8_is_refused_without_a_traceback(app: App) -> None:
    with app.upgraded() as raw:
        raw.sendall(frame(Opcode.TEXT, b"good"))
        assert receive(raw) == (Opcode.TEXT, b"good")
        raw.sendall(frame(Opcode.TEXT, b"\xff"))
        assert close_code(raw) == 1007
    assert answers(app)
    assert "Traceback" not in app.log
