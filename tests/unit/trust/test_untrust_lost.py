"""A root in the stores whose copy is gone: a row of its own, and it stops nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from certs import ca_home
from certs.ca_home import LEDGER
from tests.support import trusting
from tests.support.trusting import Machine
from trust import cli
from trust.root import Root
from trust.stores import by_hand
from trust.stores.ledger import Ledger

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores
LOST = "{copy} is missing, and without it this store cannot be asked."


def run(*words: str) -> int:
    return cli.main([*words])


def book(machine: Machine) -> Ledger:
    return Ledger(machine.folder / "ca")


def lose(machine: Machine, *, current: bool) -> str:
    """The copy of the root in the stores, and root.pem unless that is the current one.

    Returns its SHA-256.
    """
    old = machine.root
    if not current:
        (machine.folder / "ca" / ca_home.ROOT).unlink()
    book(machine).copy(old).unlink()
    return old


def test_untrust_takes_back_what_it_can_and_names_what_is_lost(
    machine: Machine, capsys: Captured
) -> None:
    """Where a wider authority's root has been trusted since."""
    old = machine.root
    machine.stores[1].stuck = True  # so it stays there
    assert machine.trust("--yes", permit="corp.example") == 1
    machine.stores[1].stuck = False
    copy = book(machine).copy(old)
    copy.unlink()
    capsys.readouterr()
    assert run("untrust", "--json") == 1
    rows = json.loads(capsys.readouterr().out)["stores"]
    assert [(row["title"], row["outcome"]) for row in rows] == [
        ("first", "removed"),
        ("second", "removed"),
        ("second", "not_done"),
    ]
    assert rows[2]["why"].startswith(LOST.format(copy=copy))
    assert by_hand.fingerprint(old) in rows[2]["why"]
    assert [(entry.title, entry.sha256) for entry in book(machine)] == [("second", old)]


def test_what_is_lost_says_how_to_end_it_once_it_is_taken_out_by_hand(
    machine: Machine, capsys: Captured
) -> None:
    old = lose(machine, current=False)
    for store in machine.stores:
        store.kind = "system"
    ledger = machine.folder / "ca" / LEDGER
    ledger.write_text(ledger.read_text().replace('"folder"', '"system"'))
    capsys.readouterr()
    assert run("untrust") == 1
    out = capsys.readouterr().out
    for store in machine.stores:
        assert f"fix: ls -l {store.place}/wss-stack-{old[:8]}.crt\n" in out
    assert out.splitlines()[-1].endswith(f"nothing is left to remember: rm {ledger}")
    ledger.unlink()
    assert run("untrust") == 0


def test_a_store_that_is_gone_does_not_mind_the_lost_copy(machine: Machine) -> None:
    lose(machine, current=False)
    for store in machine.stores:
        for path in Path(store.place).iterdir():
            path.unlink()
        Path(store.place).rmdir()
    machine.stores.clear()
    assert run("untrust") == 0
    assert list(book(machine)) == []


def test_root_pem_stands_for_its_copy_and_the_copy_is_restored(machine: Machine) -> None:
    old = lose(machine, current=True)
    machine.stores[1].stuck = True
    assert run("untrust") == 1
    assert [store.roots for store in machine.stores] == [[], [old]]
    assert Root.read(book(machine).copy(old)).sha256 == old


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "damaged": lambda path: path.write_text("garbage"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize(
    "words", [("install",), ("install", "--dry-run"), ("doctor",)], ids=" ".join
)
def test_the_copy_of_the_root_that_is_there_stops_nobody(
    machine: Machine, words: Sequence[str], damage: Callable[[Path], object]
) -> None:
    copy = book(machine).copy(machine.root)
    damage(copy)
    before = machine.state()
    assert run(*words) == 0
    if words == ("install",):
        assert Root.read(copy).sha256 == machine.root
    else:
        assert machine.state() == before


def test_a_lost_older_root_is_a_row_of_make_certs(machine: Machine, capsys: Captured) -> None:
    old = machine.root
    machine.stores[1].stuck = True
    assert machine.trust("--yes", permit="corp.example") == 1
    copy = book(machine).copy(old)
    copy.unlink()
    capsys.readouterr()
    assert machine.trust() == 1
    out = capsys.readouterr().out
    assert "store: first: already trusted\nstore: second: already trusted\n" in out
    assert f"store: second: not done\n    {LOST.format(copy=copy)}" in out
    assert run("doctor") == 0
