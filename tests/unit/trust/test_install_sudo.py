"""trust and untrust for a user who has no way to be root, and the others go on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import trusting
from tests.support.sudo import Sudo, be
from tests.support.trusting import TrustingHome
from trust import cli

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores


def with_sudo(machine: TrustingHome, monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> Sudo:
    """A user at a terminal, whose first store is root's; allowed: without a password,
    which they do not know."""
    machine.stores[0].for_root = True
    sudo = Sudo(machine.folder, allowed=allowed, interactive=True)
    machine.set({"PATH": f"{machine.folder}:{os.environ['PATH']}"})
    machine.answer("y")
    be(monkeypatch, 1000)
    return sudo


def test_a_password_that_is_refused_is_asked_for_once_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    machine = TrustingHome(tmp_path, monkeypatch)
    sudo = with_sudo(machine, monkeypatch, allowed=False)
    assert machine.trust() == 1
    out = capsys.readouterr().out
    typed = f"sudo touch {machine.stores[0].place}/{machine.fingerprint}"
    assert f"store: first: not done\n    only root may do that\n    fix: {typed}\n" in out
    assert "store: second: trusted now\n" in out
    assert out.index("Without sudo,") < out.index("store: "), "before the rows"
    assert sudo.asked.count("-v") == 1


def test_untrust_asks_for_the_password_before_the_rows_too(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    sudo = with_sudo(machine, monkeypatch, allowed=False)
    capsys.readouterr()
    assert cli.main(["untrust"]) == 1
    out = capsys.readouterr().out
    typed = f"sudo rm {machine.stores[0].place}/{machine.fingerprint}"
    assert f"first: will run {typed}\n" in out
    assert f"store: first: not done\n    only root may do that\n    fix: {typed}\n" in out
    assert "store: second: taken back\n" in out
    assert sudo.asked.count("-v") == 1


def test_user_of_sudo_without_a_password_is_not_asked(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    sudo = with_sudo(machine, monkeypatch, allowed=True)
    assert cli.main(["untrust"]) == 0
    assert [store.roots for store in machine.stores] == [[], []]
    assert "-v" not in sudo.asked
