"""Where other devices find the trust page."""

from __future__ import annotations

import ipaddress

import pytest

from certs.endpoint import Endpoint
from certs.hosts import parse

EVERYWHERE = "0.0.0.0"  # noqa: S104 # what BIND says to let others in


@pytest.mark.parametrize(
    ("bind", "hosts", "host"),
    [
        pytest.param("127.0.0.1", "192.168.1.20", None, id="bound to the loopback"),
        pytest.param("::1", "192.168.1.20", None, id="bound to IPv6's loopback"),
        pytest.param(EVERYWHERE, "", None, id="no host of the network"),
        pytest.param(EVERYWHERE, "10.0.0.5 192.168.1.20", "10.0.0.5", id="the first"),
        pytest.param(EVERYWHERE, "box.local 10.0.0.5", "10.0.0.5", id="an address before a name"),
        pytest.param(EVERYWHERE, "box.local", "box.local", id="mDNS"),
        pytest.param(EVERYWHERE, "box.home.arpa", "box.home.arpa", id="a home network"),
        pytest.param(EVERYWHERE, "box.internal", "box.internal", id="an internal name"),
        pytest.param(EVERYWHERE, "*.box.local", None, id="a wildcard is no host"),
        pytest.param(EVERYWHERE, "127.0.0.2 api.localhost a.test", None, id="hosts of here"),
        pytest.param(EVERYWHERE, "fd00::7", None, id="0.0.0.0 is for IPv4 alone"),
        pytest.param("::", "fd00::7", "[fd00::7]", id="an IPv6 address in brackets"),
        pytest.param("::", "fd00::7 10.0.0.5", "10.0.0.5", id="IPv4 before IPv6"),
        pytest.param("10.0.0.5", "192.168.1.20 10.0.0.5", "10.0.0.5", id="one address bound"),
        pytest.param("10.0.0.6", "10.0.0.5", None, id="another address bound"),
        pytest.param("fd00::7", "10.0.0.5 fd00::7", "[fd00::7]", id="one IPv6 address bound"),
    ],
)
def test_the_address_is_one_that_leads_here_and_that_the_leaf_covers(
    bind: str, hosts: str, host: str | None
) -> None:
    endpoint = Endpoint(ipaddress.ip_address(bind), http_port=8081)
    expected = f"http://{host}:8081/" if host else None
    assert endpoint.trust_page(parse(hosts)) == expected


@pytest.mark.parametrize(
    ("bind", "is_open"),
    [("127.0.0.1", False), ("127.8.8.8", False), ("::1", False), (EVERYWHERE, True), ("::", True)],
)
def test_loopback_alone_is_closed(bind: str, is_open: bool) -> None:
    assert Endpoint(ipaddress.ip_address(bind)).is_open is is_open
