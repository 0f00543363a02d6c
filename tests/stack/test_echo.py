"""What the default app answers, through nginx, over verified TLS."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.running import Running

LIMIT = 16 * 1024 * 1024

MESSAGES = [
    pytest.param("hello", id="text"),
    pytest.param("", id="empty text"),
    pytest.param("\u2603 \U0001f600 \x00 end", id="unicode"),
    pytest.param(b"\x00\xff\x80", id="binary"),
    pytest.param(b"", id="empty binary"),
    pytest.param("x" * 200_000, id="longer than every buffer"),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_ws_echoes_exactly(stack: Running, message: str | bytes) -> None:
    with stack.connect("/ws") as client:
        client.send(message)
        assert client.recv(timeout=10) == message


def test_sockets_answers_in_the_type_of_the_message(stack: Running) -> None:
    with stack.connect("/sockets") as client:
        client.send("hi")
        assert client.recv(timeout=10) == "Server Response to: hi"
        client.send(b"\x01\x02")
        assert client.recv(timeout=10) == b"Server Response to: \x01\x02"
        client.send("")
        assert client.recv(timeout=10) == "Server Response to: "


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "api.localhost", "x.app.localhost"])
def test_every_host_of_the_leaf_verifies(stack: Running, host: str) -> None:
    with stack.connect(host=host) as client:
        client.send(host)
        assert client.recv(timeout=10) == host


def test_a_fragmented_message_comes_back_whole(stack: Running) -> None:
    with stack.connect() as client:
        client.send(["one ", "two ", "", "three"])
        assert client.recv(timeout=10) == "one two three"


def test_messages_up_to_the_limit_pass(stack: Running) -> None:
    message = os.urandom(LIMIT)
    # The limit is on the frame as it travels, and deflate makes random bytes longer.
    with stack.connect(max_size=None, compression=None) as client:
        client.send(message)
        assert client.recv(timeout=60) == message


def test_a_message_above_the_limit_is_refused_with_1009(stack: Running) -> None:
    with stack.connect() as client:
        client.send(b"x" * (LIMIT + 1))
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("path", ["/ws", "/sockets"])
@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "going"), (3000, "library"), (4999, "gr\u00fc\u00dfe")]
)
def test_the_close_code_and_reason_come_back(
    stack: Running, path: str, code: int, reason: str
) -> None:
    with stack.connect(path) as client:
        client.close(code, reason)
        received = client.protocol.close_rcvd
    assert received is not None
    assert (received.code, received.reason) == (code, reason)


def test_a_connection_is_logged_from_end_to_end(stack: Running) -> None:
    with stack.connect("/sockets") as client:
        client.send("look for me")
        client.recv(timeout=10)
        client.close(4321, "seen")
    closed = stack.wait_for_log("code=4321 reason='seen' messages=1 bytes=11")
    request_id = closed.split(" id=")[1].split()[0]
    assert "path=/sockets" in closed
    for line in (
        f"opened path=/sockets id={request_id} scheme=wss",
        f"received path=/sockets id={request_id} text='look for me'",
        f"replied path=/sockets id={request_id} text='Server Response to: look for me'",
    ):
        stack.wait_for_log(line)
    # nginx's own line has the same id.
    access = stack.wait_for_log(f'"request_id":"{request_id}"')
    assert '"status":101' in access
    assert '"upgrade":"websocket"' in access


def test_a_client_that_vanishes_is_logged(stack: Running) -> None:
    with stack.connect("/ws") as client:
        client.send("x" * 77)
        client.recv(timeout=10)
        client.socket.shutdown(socket.SHUT_RDWR)
        # uvicorn says 1005, "no code received", where RFC 6455 would say 1006.
        assert "code=1005" in stack.wait_for_log("messages=1 bytes=77")


def test_many_clients_at_once_get_their_own_messages(stack: Running) -> None:
    async def converse(number: int) -> None:
        uri = f"wss://127.0.0.1:{stack.https_port}/ws"
        async with connect(uri, ssl=stack.tls, proxy=None, open_timeout=30) as client:
            for turn in range(5):
                await client.send(f"{number} {turn}")
                assert await client.recv() == f"{number} {turn}"

    async def everyone() -> None:
        await asyncio.gather(*(converse(number) for number in range(100)))

    asyncio.run(everyone())
