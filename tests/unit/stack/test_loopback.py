"""localhost is two addresses: what nginx is told of them."""

from __future__ import annotations

import errno
import socket

import pytest

from certs.upstreams import parse_upstream
from stack.local import loopback


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("127.0.0.1:1", "127.0.0.1:1 max_fails=0; server [::1]:1 max_fails=0 backup"),
        ("localhost:1", "127.0.0.1:1 max_fails=0; server [::1]:1 max_fails=0 backup"),
        ("[::1]:1", "[::1]:1 max_fails=0; server 127.0.0.1:1 max_fails=0 backup"),
        ("web:1", "web:1"),
        ("127.0.0.2:1", "127.0.0.2:1"),
    ],
)
def test_other_address_of_localhost_is_the_second_choice(text: str, server: str) -> None:
    assert loopback.server(parse_upstream(text)) == server


@pytest.mark.parametrize(
    ("text", "server"),
    [("127.0.0.1:1", "127.0.0.1:1"), ("localhost:1", "127.0.0.1:1"), ("web:1", "web:1")],
)
def test_machine_without_ipv6_has_one_address(
    text: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    assert loopback.server(parse_upstream(text)) == server
