"""A server that listens on one of localhost's two addresses alone, as Vite does."""

from __future__ import annotations

import json

import pytest

from tests.support.answering import answering
from tests.support.asking import ask
from tests.support.ports import free_port
from tests.support.running import Running
from tests.support.servers import somebodys_server
from tests.support.waiting import until

# In Docker no loopback of the machine is reached.
MODES = ("local",)


@pytest.mark.parametrize(
    ("bind", "written", "other"),
    [
        ("::1", "127.0.0.1", "[::1]"),
        ("127.0.0.1", "[::1]", "127.0.0.1"),
        ("::1", "localhost", ""),
        ("127.0.0.1", "localhost", ""),
        ("127.0.0.1", "127.0.0.1", ""),
        ("::1", "[::1]", ""),
    ],
)
def test_a_server_on_either_address_is_found_and_the_other_one_is_named(
    own: Running, bind: str, written: str, other: str
) -> None:
    with somebodys_server("theirs", bind) as port:
        upstream = f"{written}:{port}"
        own.up(UPSTREAM=upstream, SITES=f"api.localhost={upstream}")
        for host in ("localhost", "api.localhost"):
            assert json.loads(ask(own, "/", {"Host": host})[1])["name"] == "theirs"
            with own.connect("/", host=host) as client:
                client.send("hello")
                assert client.recv(timeout=10) == "theirs: 'hello'"
    told = [line for line in own.said if "nothing listens on" in line]
    passed = f"nothing listens on {upstream}; nginx passes requests to {other}:{port}"
    assert [line.partition(", where")[0] for line in told] == (
        [f"UPSTREAM: {passed}", f"SITES: {passed}"] if other else []
    )


def test_a_post_reaches_a_server_on_the_other_address(own: Running) -> None:
    """No request was sent to the address that refused, so none is sent twice."""
    with somebodys_server("theirs", "::1") as port:
        own.up(UPSTREAM=f"127.0.0.1:{port}")
        # It takes GET alone, and says so itself.
        assert ask(own, "/", method="POST")[0].status != 502


def test_an_answer_that_is_too_large_takes_no_server_away(own: Running) -> None:
    large = [("Set-Cookie", f"c{n}={'x' * 4000}") for n in range(9)]
    with answering("127.0.0.1", {"/large": large}) as port:
        own.up(UPSTREAM=f"localhost:{port}")
        for _ in range(3):
            assert "more than 32 KiB of headers" in ask(own, "/large")[1]
            assert ask(own, "/")[0].status == 200


def test_a_server_that_is_started_late_on_the_other_address_is_found(own: Running) -> None:
    port = free_port()
    own.up(SITES=f"api.localhost=127.0.0.1:{port}")
    host = {"Host": "api.localhost"}
    response, body = ask(own, "/", host)
    assert response.status == 502
    assert f"SITES api.localhost=127.0.0.1:{port}" in body
    with somebodys_server("theirs", "::1", port):
        until(lambda: ask(own, "/", host)[0].status == 200, "the server", seconds=5)
    with somebodys_server("theirs", "127.0.0.1", port):
        until(lambda: ask(own, "/", host)[0].status == 200, "the server", seconds=5)
