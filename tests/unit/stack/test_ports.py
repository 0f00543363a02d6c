"""No two stacks under test may have one port, in one run or in two at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ports


def only(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_RANGE", range(port, port + 1))


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports.free_port()
    only(port, monkeypatch)
    with pytest.raises(AssertionError, match=f"no port from {port}"):
        ports.free_port()


def test_port_of_another_run_is_not_given(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = "from tests.support import ports; print(ports.free_port(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", theirs],
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        port = int(other.stdout.readline())
        only(port, monkeypatch)
        with pytest.raises(AssertionError, match=f"no port from {port}"):
            ports.free_port()
        other.communicate("\n")
    assert ports.free_port() == port
