"""The ledger alone is enough to take everything back, whatever else in CA_HOME is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from certs import ca_home
from tests.support import trusting
from tests.support.trusting import TrustingHome
from trust import cli
from trust.stores.ledger import Ledger

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores


def run(*words: str) -> int:
    return cli.main([*words])


def book(machine: TrustingHome) -> Ledger:
    return Ledger(machine.folder / "ca")


def lose_all_but_the_ledger(machine: TrustingHome) -> None:
    for path in (machine.folder / "ca").iterdir():
        if path.name != ca_home.LEDGER:
            path.unlink()


def test_untrust_needs_the_ledger_alone(machine: TrustingHome) -> None:
    lose_all_but_the_ledger(machine)
    assert run("untrust") == 0
    assert [store.roots for store in machine.stores] == [[], []]
    assert list(book(machine)) == []


def test_untrust_takes_back_older_roots_too(machine: TrustingHome, capsys: Captured) -> None:
    """Where a wider authority's root has been trusted since."""
    old = machine.fingerprint
    machine.stores[1].stuck = True  # so it stays there
    assert machine.trust("--yes", permit="corp.example") == 1
    machine.stores[1].stuck = False
    assert old in machine.stores[1].roots
    lose_all_but_the_ledger(machine)
    capsys.readouterr()
    assert run("untrust", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["stores"]
    assert [(row["title"], row["outcome"]) for row in rows] == [
        ("second", "removed"),
        ("first", "removed"),
        ("second", "removed"),
    ]
    assert [store.roots for store in machine.stores] == [[], []]


def test_make_certs_takes_back_an_older_root_that_is_nowhere_else(machine: TrustingHome) -> None:
    old = machine.fingerprint
    machine.stores[1].stuck = True
    assert machine.trust("--yes", permit="corp.example") == 1
    machine.stores[1].stuck = False
    assert machine.trust() == 0
    assert old not in machine.stores[1].roots
    assert {entry.sha256 for entry in book(machine)} == {machine.fingerprint}


def test_a_store_that_is_gone_is_forgotten(machine: TrustingHome) -> None:
    lose_all_but_the_ledger(machine)
    for store in machine.stores:
        for path in Path(store.place).iterdir():
            path.unlink()
        Path(store.place).rmdir()
    machine.stores.clear()
    assert run("untrust") == 0
    assert list(book(machine)) == []


@pytest.mark.parametrize("words", ["install", "install --dry-run", "untrust", "doctor", "remove"])
@pytest.mark.parametrize("content", ["[]", "[" * 100_000, '{"entries": [{"place": []}]}'])
def test_a_wrong_ledger_is_refused_in_one_line(
    machine: TrustingHome, words: str, content: str, capsys: Captured
) -> None:
    path = machine.folder / "ca" / ca_home.LEDGER
    path.write_text(content)
    machine.answer("y")
    capsys.readouterr()
    before = [store.roots for store in machine.stores]
    assert run(*words.split()) == 1
    assert f"To go on without it: mv {path} {path}.damaged\n" in capsys.readouterr().err
    assert [store.roots for store in machine.stores] == before
    assert path.read_text() == content


def test_a_root_that_another_run_replaces_meanwhile_goes_into_no_store(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """The programs that write stores read it from its file."""
    for store in machine.stores:
        for path in Path(store.place).iterdir():
            path.unlink()
    other = (machine.folder / "public.pem").read_text()
    read_again = Ledger.read_again

    def meanwhile(ledger: Ledger) -> None:
        (machine.folder / "ca" / ca_home.ROOT).write_text(other)
        read_again(ledger)

    monkeypatch.setattr(Ledger, "read_again", meanwhile)
    assert machine.trust() == 1
    assert "another run has made a new root" in capsys.readouterr().err
    assert [store.roots for store in machine.stores] == [[], []]
