"""Into the stores and out again: stores that are folders, with a file for each root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from certs import authority, ca_home
from certs.permitted import Permitted
from tests.support.fake_store import FakeStore
from tests.support.trusted_home import TrustedHome
from trust.commands import Command, CommandError, NeedsRootError, Result, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State
from trust.stores.change import Outcome, Row, install, remove

FAIL = Command(("sh", "-c", "echo no room >&2; exit 1"))
PRIVILEGED = (Command(("copy", "it"), root=True), Command(("update", "all of it"), root=True))
LOCKED = State(Presence.UNAVAILABLE, "it is locked", "close it")
SHUT = State(Presence.ABSENT, "it is read-only", "chmod u+w it")
BROKEN = CommandError("`tool` failed (exit 9): broken")


class Recorder(Runner):
    """Runs it, and remembers. Nobody becomes root."""

    def __init__(self) -> None:
        super().__init__(os.environ, interactive=False)
        self.ran: list[str] = []

    def run(self, command: Command) -> Result:
        if command.root:
            raise NeedsRootError(command)
        self.ran.append(str(command))
        return super().run(command)


class RecordedHome(TrustedHome):
    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, patch)
        (folder / "ca").mkdir()
        self.runner = Recorder()
        self.current = self.new_root()

    def new_root(self) -> Root:
        path = self.folder / "ca" / ca_home.ROOT
        path.write_bytes(authority.mint(Permitted(), "ada").root_pem())
        return self.root

    @property
    def entries(self) -> list[str]:
        return [Path(entry.place).name for entry in self.ledger]

    def install(self, *stores: FakeStore, dry_run: bool = False) -> list[Row]:
        return list(install(stores, self.current, self.runner, self.ledger, dry_run=dry_run))

    def remove(self, *stores: FakeStore, dry_run: bool = False) -> list[Row]:
        book = self.ledger
        return list(remove(stores, book.roots(self.folder), self.runner, book, dry_run=dry_run))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedHome:
    return RecordedHome(tmp_path, monkeypatch)


def outcomes(rows: list[Row]) -> list[Outcome]:
    return [row.outcome for row in rows]


def test_root_goes_in_once_and_out_once(machine: RecordedHome) -> None:
    store = machine.store()
    rows = [machine.install(store), machine.install(store)]
    assert [outcomes(each) for each in rows] == [[Outcome.TRUSTED], [Outcome.ALREADY]]
    assert machine.entries == ["store"]
    rows = [machine.remove(store), machine.remove(store)]
    assert [outcomes(each) for each in rows] == [[Outcome.REMOVED], []]
    assert machine.entries == []
    file = store.file(machine.current)
    assert machine.runner.ran == [f"touch {file}", f"rm {file}"]


def test_root_that_was_trusted_before_is_not_taken_back(machine: RecordedHome) -> None:
    store = machine.store()
    store.file(machine.current).touch()
    assert outcomes(machine.install(store)) == [Outcome.ALREADY]
    assert (machine.entries, machine.remove(store), machine.runner.ran) == ([], [], [])


def test_a_dry_run_shows_the_commands_and_does_nothing(machine: RecordedHome) -> None:
    store = machine.store()
    (row,) = machine.install(store, dry_run=True)
    assert (row.outcome, row.commands) == (Outcome.PLANNED, [str(store.adding(machine.current))])
    assert (machine.entries, machine.runner.ran) == ([], [])
    machine.install(store)
    (row,) = machine.remove(store, dry_run=True)
    assert (row.outcome, row.commands) == (Outcome.PLANNED, [f"rm {store.file(machine.current)}"])
    assert (machine.entries, machine.runner.ran) == (
        ["store"],
        [str(store.adding(machine.current))],
    )


OK, DENIED = Command(("true",)), OSError("permission denied")
LOOK = "look into {place} by hand"  # as by_hand has it for this kind
FAILED = (Outcome.FAILED, f"`{FAIL}` failed (exit 1): no room", f"{FAIL} && {OK}")
LAST_FAILED = (*FAILED[:2], str(FAIL))
BROKE, REFUSED = ((Outcome.FAILED, str(error), LOOK) for error in (BROKEN, DENIED))
CANNOT, MAY_NOT = ((Outcome.NOT_DONE, state.why, state.fix) for state in (LOCKED, SHUT))
TO_TYPE = (Outcome.NOT_DONE, "only root may do that", " && ".join(map(str, PRIVILEGED)))
NOT_THERE = (Outcome.FAILED, "it was added, and is not there", LOOK)
STILL_THERE = (Outcome.FAILED, "it was taken out, and is still there", LOOK)
INTO, OUT = RecordedHome.install, RecordedHome.remove
# Which way, how the store differs, its row, whether there is something to take back then.
Case = tuple[Callable[..., list[Row]], dict[str, Any], tuple[Outcome, str, str], bool]
CASES: dict[str, Case] = {
    "in: unavailable": (INTO, {"says": [LOCKED]}, CANNOT, False),
    "in: not to be added": (INTO, {"says": [SHUT]}, MAY_NOT, False),
    "in: a failing check": (INTO, {"says": [BROKEN]}, BROKE, False),
    "in: an unreadable store": (INTO, {"says": [DENIED]}, REFUSED, False),
    "in: a failing plan": (INTO, {"ins": DENIED}, REFUSED, False),
    "in: a failing command": (INTO, {"ins": [OK, FAIL, OK]}, FAILED, False),
    "in: needs root": (INTO, {"ins": [OK, *PRIVILEGED]}, TO_TYPE, True),
    "in: to no avail": (INTO, {"ins": [OK]}, NOT_THERE, False),
    "in: halfway": (INTO, {"ins": [OK, FAIL], "outs": [OK]}, LAST_FAILED, True),
    "in: unavailable halfway": (INTO, {"says": [ABSENT, LOCKED, LOCKED]}, CANNOT, True),
    "in: unavailable afterwards": (INTO, {"says": [ABSENT, ABSENT, LOCKED]}, CANNOT, True),
    "in: so it failed": (INTO, {"says": [ABSENT, ABSENT, LOCKED], "ins": [FAIL]}, CANNOT, True),
    "in: read-only afterwards": (INTO, {"says": [ABSENT, ABSENT, SHUT]}, MAY_NOT, True),
    "in: failing afterwards": (INTO, {"says": [ABSENT, ABSENT, BROKEN]}, BROKE, True),
    "out: unavailable": (OUT, {"says": [LOCKED]}, CANNOT, True),
    "out: a failing check": (OUT, {"says": [BROKEN]}, BROKE, True),
    "out: a failing plan": (OUT, {"outs": DENIED}, REFUSED, True),
    "out: a failing command": (OUT, {"outs": [OK, FAIL, OK]}, FAILED, True),
    "out: needs root": (OUT, {"outs": [OK, *PRIVILEGED]}, TO_TYPE, True),
    "out: to no avail": (OUT, {"outs": [OK]}, STILL_THERE, True),
    "out: unavailable afterwards": (OUT, {"says": [TRUSTED, LOCKED]}, CANNOT, True),
    "out: so it failed": (OUT, {"says": [TRUSTED, LOCKED], "outs": [FAIL]}, CANNOT, True),
    "out: failing afterwards": (OUT, {"says": [TRUSTED, BROKEN]}, BROKE, True),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_store_that_fails_says_why_and_the_others_go_on(machine: RecordedHome, case: Case) -> None:
    act, differs, words, remembered = case
    first, bad, last = stores = [machine.store(name) for name in ("first", "bad", "last")]
    if act is OUT:
        machine.install(*stores)
    for name, value in differs.items():
        setattr(bad, name, iter(value) if name == "says" else value)
    rows = act(machine, *stores)
    outcome, why, fix = words
    assert (rows[1].outcome, rows[1].why) == (outcome, why)
    assert rows[1].fix == fix.replace("{place}", bad.place) != ""
    assert (rows[1].title, rows[1].ok) == ("bad", False)
    assert outcomes([rows[0], rows[2]]) == [Outcome.TRUSTED if act is INTO else Outcome.REMOVED] * 2
    assert ("bad" in machine.entries) is remembered
    assert [store.file(machine.current).exists() for store in (first, last)] == [act is INTO] * 2


def test_a_store_that_another_feeds_is_recorded_though_nothing_was_run(
    machine: RecordedHome,
) -> None:
    system, java = machine.store("system"), machine.store("java")
    system.ins = [system.adding(machine.current), java.adding(machine.current)]
    assert outcomes(machine.install(system, java)) == [Outcome.TRUSTED] * 2
    assert machine.entries == ["system", "java"]
    assert machine.runner.ran == [str(command) for command in system.ins]
    system.outs = [Command(("rm", str(each.file(machine.current)))) for each in (system, java)]
    assert outcomes(machine.remove(system, java)) == [Outcome.REMOVED, Outcome.NOTHING]
    assert machine.entries == []


@pytest.mark.parametrize("written", [False, True], ids=["before the act", "after the act"])
def test_interrupted_change_can_be_taken_back(
    machine: RecordedHome, written: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine.store()

    def interrupt(runner: Recorder, command: Command) -> Result:
        assert machine.entries == ["store"], "the entry comes first"
        if written:
            Runner.run(runner, command)
        raise KeyboardInterrupt

    monkeypatch.setattr(Recorder, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        machine.install(store)
    monkeypatch.undo()
    assert outcomes(machine.remove(store)) == [Outcome.REMOVED if written else Outcome.NOTHING]
    assert machine.entries == []


def test_older_roots_and_those_halfway_in_are_taken_out_too(machine: RecordedHome) -> None:
    store = machine.store()
    machine.install(store)
    machine.current = machine.new_root()
    machine.install(store)
    store.says = iter([ABSENT])  # there, and not trusted
    assert outcomes(machine.remove(store)) == [Outcome.REMOVED] * 2
    assert list(Path(store.place).iterdir()) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_store_that_is_gone_has_nothing_to_take_back(
    machine: RecordedHome, dry_run: bool
) -> None:
    store, other = machine.store(), machine.store("other")
    machine.install(store, other)
    store.file(machine.current).unlink()
    Path(store.place).rmdir()
    # The other is there, and of a kind that nothing here can work on.
    gone, kept = machine.remove(dry_run=dry_run)
    assert (gone.outcome, kept.outcome) == (Outcome.NOTHING, Outcome.NOT_DONE)
    assert kept.fix == f"look into {other.place} by hand"
    assert machine.entries == (["store", "other"] if dry_run else ["other"])
