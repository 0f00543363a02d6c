"""Adds the root to the stores, and removes it: check, act, check again.

A failure in one store is that store's row, and does not stop the others. Every function
yields a row as soon as a store is done.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trust.commands import Command, CommandError, NeedsRootError, Runner
from trust.root import Root
from trust.stores import by_hand, find
from trust.stores.base import Presence, State, Store
from trust.stores.ledger import Entry, Ledger

Planner = Callable[[Root], Sequence[Command]]


class Outcome(enum.Enum):
    ALREADY = "already trusted"
    TRUSTED = "trusted now"
    REMOVED = "taken back"
    NOTHING = "was not there"
    PLANNED = "would run"
    NOT_DONE = "not done"
    FAILED = "failed"


WELL = frozenset(Outcome) - {Outcome.NOT_DONE, Outcome.FAILED}


@dataclass(frozen=True)
class Row:
    """The result for one store. fix: the command to type; never empty after a failure."""

    kind: str
    place: str
    title: str
    outcome: Outcome
    why: str = ""
    fix: str = ""
    commands: list[str] = field(default_factory=list)  # for PLANNED

    @property
    def ok(self) -> bool:
        return self.outcome in WELL


def install(
    stores: Sequence[Store], root: Root, runner: Runner, ledger: Ledger, *, dry_run: bool
) -> Iterator[Row]:
    """Makes every store trust this root. Raises OSError for the ledger's file."""
    # All stores are checked before the first one changes: Debian's hook copies the system
    # store into Java's, and that change must count as this run's.
    before = [_check(store, root, runner) for store in stores]
    for store, state in zip(stores, before, strict=True):
        if isinstance(state, Row):
            yield state
        elif state.presence is Presence.TRUSTED:
            yield _row(store, Outcome.ALREADY, state.why, state.fix)
        elif state.why:  # unavailable, or absent and not to be added as it is
            yield _row(store, Outcome.NOT_DONE, state.why, state.fix)
        elif dry_run:
            yield _planned(store, store.install_plan, root)
        else:
            yield _install(store, root, runner, ledger)


def _install(store: Store, root: Root, runner: Runner, ledger: Ledger) -> Row:
    ledger.add(store, root)
    failure = None
    now = _check(store, root, runner)
    if isinstance(now, State) and now.presence is Presence.ABSENT:
        failure = _run(store, store.install_plan, root, runner)
        now = _check(store, root, runner)
    if isinstance(now, Row):
        return now
    if now.presence is Presence.TRUSTED:
        return _row(store, Outcome.TRUSTED, now.why, now.fix)
    # The entry stays if the root may be in the store: added halfway, not to be checked, or
    # still to be added by a command that the user types.
    typed = failure is not None and failure.outcome is Outcome.NOT_DONE
    if now.presence is Presence.ABSENT and not typed and not _plan(store, store.removal_plan, root):
        ledger.drop(store, root)
    if now.why:
        return _row(store, Outcome.NOT_DONE, now.why, now.fix)
    return failure or _failed(store, root, "it was added, and is not there")


def remove(
    stores: Sequence[Store], roots: Iterable[Root], runner: Runner, ledger: Ledger, *, dry_run: bool
) -> Iterator[Row]:
    """Takes these roots out of all stores to which the ledger says they were written.

    Raises OSError for the ledger's file.
    """
    for root in roots:
        for store in stores:
            if ledger.find(store, root):
                yield _remove(store, root, runner, ledger, dry_run=dry_run)
        for entry in ledger:
            known = any((s.kind, s.place) == (entry.kind, entry.place) for s in stores)
            if entry.sha256 != root.sha256 or known:
                continue
            gone = _has_no_place(entry)
            again = None if gone else find.at(entry.kind, entry.place, entry.title, runner)
            if again:
                yield _remove(again, root, runner, ledger, dry_run=dry_run)
            else:
                yield _gone(entry, ledger, dry_run=dry_run)


def _has_no_place(entry: Entry) -> bool:
    if not entry.place.startswith("/"):
        return False
    try:
        Path(entry.place).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # the store may still be there
        return False
    return False


def _gone(entry: Entry, ledger: Ledger, *, dry_run: bool) -> Row:
    """The row for a store in the ledger that this program cannot change any more."""
    if _has_no_place(entry):
        if not dry_run:
            ledger.forget(entry)
        return Row(entry.kind, entry.place, entry.title, Outcome.NOTHING, "the store is gone")
    why = (
        "make untrust cannot change this store now. Take the certificate out by hand "
        "(docs/trust.md); its SHA-256 fingerprint: "
        f"{by_hand.fingerprint(entry.sha256)}"
    )
    fix = by_hand.command(entry.kind, entry.place, entry.sha256)
    return Row(entry.kind, entry.place, entry.title, Outcome.NOT_DONE, why, fix)


def _remove(store: Store, root: Root, runner: Runner, ledger: Ledger, *, dry_run: bool) -> Row:
    state = _check(store, root, runner)
    if isinstance(state, Row):
        return state
    if state.presence is Presence.UNAVAILABLE:
        return _row(store, Outcome.NOT_DONE, state.why, state.back or state.fix)
    commands = _plan(store, store.removal_plan, root)
    if isinstance(commands, Row):
        return commands
    was_there = state.presence is Presence.TRUSTED
    if dry_run:
        return (
            _planned(store, store.removal_plan, root) if commands else _row(store, Outcome.NOTHING)
        )
    # Also if the root is not trusted: it may be in the store halfway.
    failure = _run(store, store.removal_plan, root, runner)
    after = _check(store, root, runner)
    if isinstance(after, State) and after.presence is Presence.UNAVAILABLE:
        return _row(store, Outcome.NOT_DONE, after.why, after.back or after.fix)
    if failure:
        return failure
    if isinstance(after, Row):
        return after
    if after.presence is Presence.ABSENT:
        ledger.drop(store, root)
        return _row(store, Outcome.REMOVED if was_there or commands else Outcome.NOTHING)
    return _failed(store, root, "it was taken out, and is still there")


def _check(store: Store, root: Root, runner: Runner) -> State | Row:
    try:
        return store.state(root, runner)
    except (CommandError, OSError) as error:
        return _failed(store, root, str(error))


def _plan(store: Store, planner: Planner, root: Root) -> Sequence[Command] | Row:
    try:
        return planner(root)
    except (CommandError, OSError) as error:  # a planner may look first
        return _failed(store, root, str(error))


def _run(store: Store, planner: Planner, root: Root, runner: Runner) -> Row | None:
    """Runs the plan; None if all went well. After a failure, or without root, the row has all
    commands that are still to run, for the user to type."""
    commands = _plan(store, planner, root)
    if isinstance(commands, Row):
        return commands
    for done, command in enumerate(commands):
        try:
            runner.run(command)
        except (CommandError, OSError) as error:
            left = " && ".join(str(command) for command in commands[done:])
            if isinstance(error, NeedsRootError):
                return _row(store, Outcome.NOT_DONE, "only root may do that", left)
            return _row(store, Outcome.FAILED, str(error), left)
    return None


def _failed(store: Store, root: Root, why: str) -> Row:
    """A row without a plan: its fix is the command that shows the store's certificates."""
    return _row(store, Outcome.FAILED, why, by_hand.command(store.kind, store.place, root.sha256))


def _row(store: Store, outcome: Outcome, why: str = "", fix: str = "") -> Row:
    return Row(store.kind, store.place, store.title, outcome, why, fix)


def _planned(store: Store, planner: Planner, root: Root) -> Row:
    commands = _plan(store, planner, root)
    if isinstance(commands, Row):
        return commands
    shown = [str(command) for command in commands]
    return Row(store.kind, store.place, store.title, Outcome.PLANNED, commands=shown)
