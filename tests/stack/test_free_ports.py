"""HTTPS_PORT=auto: several stacks of one user at once, each on ports of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs.endpoint import FIRST
from certs.names import Address
from stack import cli, ports
from tests.support.lifecycle import closed, echoes
from tests.support.ports import free_port
from tests.support.running import Running

BOTH = {"HTTPS_PORT": "auto", "HTTP_PORT": "auto"}
Captured = pytest.CaptureFixture[str]


class Auto:
    """The commands of make, for a stack whose ports are chosen."""

    def __init__(self, stack: Running, patch: pytest.MonkeyPatch, capsys: Captured) -> None:
        self._stack, self._patch, self._capsys = stack, patch, capsys

    def make(self, command: str, *options: str) -> tuple[int, str]:
        mode = {"MODE": self._stack.mode}
        env = {**self._stack.env, **mode, **BOTH}
        self._patch.setattr(cli, "merged_environment", lambda **_: env)
        self._capsys.readouterr()
        code = cli.main([command, *options])
        captured = self._capsys.readouterr()
        return code, captured.out + captured.err

    def ports(self) -> tuple[int, int]:
        code, out = self.make("status", "--json")
        told = json.loads(out)
        assert code == 0, out
        assert told["url"] == f"https://localhost:{told['ports']['HTTPS_PORT']}"
        return told["ports"]["HTTPS_PORT"], told["ports"]["HTTP_PORT"]


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Where auto begins, in the place of 8443 and 8080: somebody may have those here."""
    https, http = free_port(), free_port()
    monkeypatch.setitem(FIRST, "HTTPS_PORT", https)
    monkeypatch.setitem(FIRST, "HTTP_PORT", http)
    return https, http


@pytest.fixture
def other(own: Running, tmp_path: Path) -> Iterator[Running]:
    """Another checkout of the same user: its root is the same."""
    (folder := tmp_path / "other").mkdir()
    made = Running(own.mode, folder)
    made._fixed["CA_HOME"] = own._fixed["CA_HOME"]
    made.configure()
    yield made
    made.remove()


def test_second_stack_takes_the_next_port_and_keeps_it(
    own: Running,
    other: Running,
    first: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    own._fixed |= {"HTTPS_PORT": str(first[0]), "HTTP_PORT": str(first[1])}
    own.up()
    auto = Auto(other, monkeypatch, capsys)
    code, said = auto.make("up")
    assert code == 0, said
    https, http = auto.ports()
    assert https > first[0]
    assert http > first[1]
    assert f"wss://localhost:{https}/ws" in said
    own.down()
    # Its own port, though the first is free again.
    assert "runs already, nothing to change" in auto.make("up")[1]
    assert auto.ports() == (https, http)
    other.https_port = https
    assert echoes(other)
    auto.make("down")
    assert closed(https)
    assert auto.make("up")[0] == 0
    assert auto.ports() == first
    auto.make("down")


def test_slower_of_two_that_chose_one_port_takes_the_next(
    own: Running,
    other: Running,
    first: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    # Both: what answers there is a stack of the same authority, with all that is waited for.
    own._fixed |= {"HTTPS_PORT": str(first[0]), "HTTP_PORT": str(first[1])}
    own.up()
    refused, looked = ports.refused, []

    def as_just_before(bind: Address, port: int) -> OSError | None:
        """Nobody had the port when it was chosen, and when it was checked."""
        looked.append(port)
        return None if port in first and looked.count(port) <= 2 else refused(bind, port)

    monkeypatch.setattr(ports, "refused", as_just_before)
    auto = Auto(other, monkeypatch, capsys)
    code, said = auto.make("up")
    assert code == 0, said
    assert " was taken meanwhile: trying the next" in said
    other.https_port = auto.ports()[0]
    assert other.https_port > first[0]
    assert echoes(other)
    assert echoes_at(own, first[0])
    auto.make("down")


def echoes_at(stack: Running, port: int) -> bool:
    stack.https_port = port
    return echoes(stack)
