"""remove: after untrust, everything of ours in CA_HOME."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from certs import ca_home, leaf_dir
from tests.support import certificates, trusting
from tests.support.trusting import TrustingHome
from trust import cli, untrust

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack runs, and none has to be waited for."""
    monkeypatch.setattr(untrust, "INTERVAL", 0.01)


def run(*words: str) -> int:
    return cli.main([*words])


def test_remove_leaves_nothing(machine: TrustingHome, capsys: Captured) -> None:
    assert machine.trust("--yes", permit="corp.example") == 0
    capsys.readouterr()
    assert run("remove", "--yes") == 0
    assert [store.roots for store in machine.stores] == [[], []]
    assert not (machine.folder / "ca").exists()
    assert f"deleted the authority in {machine.folder / 'ca'}\n" in capsys.readouterr().out


def test_remove_keeps_files_of_others(machine: TrustingHome, capsys: Captured) -> None:
    home = machine.folder / "ca"
    kept = ["authority.pem.damaged-20261122T120000000000", "notes.txt", "roots/corporate.pem"]
    (home / "roots").mkdir()
    for name in kept:
        (home / name).write_text("theirs")
    capsys.readouterr()
    assert run("remove", "--yes") == 0
    left = [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]
    assert sorted(left) == kept
    assert capsys.readouterr().out.endswith(f": {kept[0]}, notes.txt, roots\n")


@pytest.mark.parametrize("options", [["--yes"], ["--yes", "--json"]], ids=" ".join)
def test_remove_keeps_everything_where_a_store_keeps_the_root(
    machine: TrustingHome, options: list[str]
) -> None:
    machine.stores[1].stuck = True
    before = {name for name in machine.state() if "/ca/" in name}
    assert run("remove", *options) == 1
    assert {name for name in machine.state() if "/ca/" in name} == before
    assert machine.stores[1].roots == [machine.fingerprint]


def test_remove_keeps_everything_where_another_run_trusted_it_meanwhile(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(untrust, "untrust", lambda *_, **__: 0)
    before = machine.state()
    assert run("remove", "--yes") == 1
    assert "another run has just trusted it again" in capsys.readouterr().out
    assert machine.state() == before


@pytest.mark.parametrize("options", [["--yes"], ["--yes", "--json"]], ids=" ".join)
def test_remove_refuses_while_the_stack_would_make_a_new_authority(
    machine: TrustingHome, options: list[str], capsys: Captured
) -> None:
    capsys.readouterr()
    with leaf_dir.keep(machine.folder / "leaf"):
        before = machine.state()
        assert run("remove", *options) == 1
        assert machine.state() == before
    said = capsys.readouterr()
    assert said.out == "", "nobody was asked, and nothing was taken back"
    assert str(machine.folder / "ca") in said.err
    assert said.err.endswith("Stop it, then type this command again: make down\n")
    assert run("remove", *options) == 0


@pytest.mark.parametrize("options", [["--yes"], ["--yes", "--json"]], ids=" ".join)
def test_remove_says_that_another_stack_has_made_a_new_authority(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch, options: list[str], capsys: Captured
) -> None:
    """One whose leaf folder is not here."""
    others = certificates.settings(machine.folder)
    monkeypatch.setattr(untrust, "INTERVAL", 60)
    monkeypatch.setattr(time, "sleep", lambda _: ca_home.ensure_authority(others))
    assert run("remove", *options) == 1
    assert [store.roots for store in machine.stores] == [[], []]
    err = capsys.readouterr().err
    assert f"a running stack has made a new authority in {machine.folder / 'ca'}" in err
    assert "make down" in err
    assert (machine.folder / "ca" / ca_home.AUTHORITY).exists()


def test_remove_ends_well_where_nothing_was_ever_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    machine = TrustingHome(tmp_path, monkeypatch)
    before = machine.state()
    assert run("remove", "--yes") == 0
    assert capsys.readouterr().out.endswith(f"There is no {tmp_path / 'ca'}.\n")
    assert machine.state() == before


def test_remove_declined_changes_nothing(machine: TrustingHome, capsys: Captured) -> None:
    machine.answer("n")
    before = machine.state()
    assert run("remove") == 1
    assert capsys.readouterr().err == "certs: nothing was changed\n"
    assert machine.state() == before
