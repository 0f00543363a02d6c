"""A mistake in .env is an error for what starts, and never one for what stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack import cli
from tests.support.checkouts import other_dotenv
from tests.support.running import Running

JUNK = ".env line 1: 'this is junk' is not NAME=value"


def test_a_line_that_cannot_be_read_keeps_nobody_from_stopping(
    own: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    own.up()
    for name, value in own.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MODE", own.mode)
    other_dotenv(tmp_path / "other", monkeypatch, "this is junk\n")
    capfd.readouterr()
    assert cli.main(["up"]) == 2
    assert JUNK in capfd.readouterr().err
    assert cli.main(["status"]) == 0
    told = capfd.readouterr()
    assert sum(line.startswith(own.mode) for line in told.out.splitlines()) == 3
    (line,) = told.err.splitlines()
    assert JUNK in line
    assert cli.main(["down"]) == 0
    assert capfd.readouterr().err.count(JUNK) == 1
    assert not own.stack.running()
