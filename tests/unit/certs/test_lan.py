"""What the network calls this machine."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from certs import lan
from certs.names import Address


def routes_lead_by(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found: list[Address] = [ipaddress.ip_address(address) for address in addresses]
    monkeypatch.setattr(lan, "_of_default_routes", lambda: found)


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk.corp.example")


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1"])
def test_loopback_is_reached_by_nobody_else(bind: str) -> None:
    assert lan.hosts(ipaddress.ip_address(bind)) == []


def test_another_address_of_the_loopback_is_the_only_way_to_it() -> None:
    assert lan.hosts(ipaddress.ip_address("127.0.0.5")) == ["127.0.0.5"]


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("0.0.0.0", ["192.168.1.20", "Desk.local"]),  # noqa: S104
        ("::", ["192.168.1.20", "fd00::20", "Desk.local"]),
    ],
)
def test_addresses_of_the_routes_are_the_hosts_where_bind_is_all(
    monkeypatch: pytest.MonkeyPatch, bind: str, expected: list[str]
) -> None:
    routes_lead_by(monkeypatch, "192.168.1.20", "fd00::20")
    assert lan.hosts(ipaddress.ip_address(bind)) == expected


def test_address_of_bind_is_the_host_where_bind_is_one() -> None:
    assert lan.hosts(ipaddress.ip_address("10.1.2.3")) == ["10.1.2.3", "Desk.local"]


@pytest.mark.parametrize("address", ["203.0.113.7", "2a00::1", "127.0.0.1"])
def test_address_that_an_authority_may_not_sign_is_left_out(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    routes_lead_by(monkeypatch, address)
    assert lan.hosts(ipaddress.ip_address("0.0.0.0")) == []  # noqa: S104


def test_a_name_that_is_no_host_name_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "my_desk!")
    assert lan.hosts(ipaddress.ip_address("10.1.2.3")) == ["10.1.2.3"]


def test_routes_are_found_on_any_machine() -> None:
    assert all(not address.is_unspecified for address in lan._of_default_routes())
