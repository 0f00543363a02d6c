"""What holds for whatever writes to stores: it is said before, and done by one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from certs import files, trust
from certs.commands import for_root
from certs.ledger import Ledger
from certs.session import Session
from certs.stores.base import Root, Store
from certs.trust import Row

# The folder that every user of a machine may open, and that is always there.
_MACHINE = Path("/")


@contextlib.contextmanager
def alone(session: Session, ledger: Ledger) -> Iterator[None]:
    """While this lasts, no other run on this machine writes to stores.

    Two at once would destroy them, two users' too: Debian's update-ca-certificates
    has one temporary file for all, and certutil's databases stand one writer. What
    is there is to be looked at anew then: another run may just have ended.
    Raises LedgerError, OSError.
    """
    with files.held(
        _MACHINE, lambda: session.say("waiting for another run that writes to the stores")
    ):
        ledger.read_anew()
        yield


def take_back(
    session: Session,
    found: Sequence[Store],
    ledger: Ledger,
    *,
    dry_run: bool,
    current: Root | None = None,
) -> Iterator[Row]:
    """Of every root that was written, but for the current one: older ones are those
    that a wider authority, or one in the place of a lost one, has replaced."""
    roots = [root for root in ledger.roots() if not current or root.sha256 != current.sha256]
    if not dry_run:
        roots = [ledger.keep(root) for root in roots]
    yield from trust.remove(found, roots, session.runner, ledger, dry_run=dry_run)
    yield from trust.cannot_take_back(ledger, dry_run=dry_run)


def announce(session: Session, rows: Iterable[Row]) -> None:
    """Says what will be done, and asks for a password before, not in the middle."""
    planned = list(rows)
    for row in planned:
        for command in row.commands:
            session.say(f"{row.title}: will run {command}")
    by_sudo = any(for_root(command) for row in planned for command in row.commands)
    if by_sudo and not session.runner.authenticate():
        session.say("Without sudo, what needs root is not done; its rows say what to type.")
