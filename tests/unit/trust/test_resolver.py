"""Names of HOSTS that do not lead to this stack, as the machine's resolver has them."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from certs import lan
from certs.endpoint import Endpoint
from certs.settings import Settings
from tests.support import certificates
from trust import resolver

LEADS: Mapping[str, list[str]] = {
    "api.localhost": ["127.0.0.1", "::1"],
    "far.test": ["10.0.0.5"],
    "six.test": ["::1"],
    "here.test": ["192.168.7.7"],
}

EVERYWHERE = "0.0.0.0"  # noqa: S104 # nothing listens


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    never = threading.Event()

    def resolve(name: str, *_: object, **__: object) -> list[object]:
        if name.startswith("slow"):
            never.wait(30)
        if name not in LEADS:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, 0, 0, "", (address, 0)) for address in LEADS[name]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield
    never.set()


def settings(folder: Path, hosts: str, bind: str = "127.0.0.1") -> Settings:
    made = certificates.settings(folder, hosts)
    return replace(made, endpoint=Endpoint(ipaddress.ip_address(bind)))


def test_name_that_leads_here_is_told_from_one_that_leads_elsewhere(tmp_path: Path) -> None:
    found = resolver.look(settings(tmp_path, "api.localhost far.test six.test no.test"))
    assert [(name.name, name.leads_here) for name in found] == [
        ("api.localhost", True),
        ("far.test", False),
        ("six.test", False),
        ("no.test", False),
    ]
    assert found[1].why == "it leads to 10.0.0.5; the stack is at 127.0.0.1"
    assert found[3].why == ("this machine's resolver does not find it; the stack is at 127.0.0.1")


def test_name_leads_here_by_the_address_that_is_listened_on(tmp_path: Path) -> None:
    (name,) = resolver.look(settings(tmp_path, "six.test", bind="::1"))
    assert (name.leads_here, name.address) == (True, "::1")


def test_any_address_of_the_machine_will_do_where_all_are_listened_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = psutil._ntuples.snicaddr(socket.AF_INET, "192.168.7.7", None, None, None)
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [own]})
    found = resolver.look(settings(tmp_path, "here.test far.test", bind=EVERYWHERE))
    assert [(name.leads_here, name.address) for name in found] == [
        (True, "127.0.0.1"),
        (False, "127.0.0.1"),
    ]


def test_wildcards_and_names_of_the_network_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "hosts", lambda _: ["192.168.7.7", "engine.local"])
    hosts = "*.app.test 192.168.7.7 engine.local"
    assert resolver.look(settings(tmp_path, hosts, bind=EVERYWHERE)) == []


def test_resolver_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "_PATIENCE", 0.2)
    slow, quick = resolver.look(settings(tmp_path, "slow.test api.localhost"))
    assert (slow.found, slow.leads_here, quick.leads_here) == ((), False, True)
