"""The commands that take the root out of the stores: untrust and remove."""

from __future__ import annotations

import contextlib
import shlex
import time
from pathlib import Path

from certs import ca_home, files, leaf_dir, output
from certs.errors import MintError
from certs.watch import INTERVAL
from trust import bundle, rows, shells
from trust.proof import open_browsers
from trust.session import Session, announce, only_one_run, take_back
from trust.stores.change import Outcome


def untrust(session: Session, *, dry_run: bool) -> int:
    """make untrust: takes every root in the ledger out of the stores."""
    ledger, found = session.ledger(), session.stores()
    if not dry_run:
        announce(session, take_back(session, found, ledger, dry_run=True))
    with output.surviving_broken_pipe():
        with contextlib.nullcontext() if dry_run else only_one_run(session, ledger):
            found = session.stores()
            shown = rows.stores(session.console, take_back(session, found, ledger, dry_run=dry_run))
        if not shown:
            session.say("Nothing was written to any store.")
        _say_of_bundle(session, dry_run=dry_run)
        if any(row.outcome is Outcome.REMOVED for row in shown):
            for note in open_browsers.browsers():
                session.say(f"{note} It may remember for up to half an hour: restart it.")
        return rows.answer(session.quiet, shown, [])


def remove(session: Session) -> int:
    """Asks, untrusts, then deletes the authority and this project's files beside it.

    Raises MintError if a running stack makes a new authority at once.
    """
    home = session.settings.ca_home
    if leaf_dir.is_kept(session.settings.leaf_dir):
        raise MintError(
            f"the running stack of this checkout would make a new authority in {home} at once. "
            "Stop it, then type this command again: make down"
        )
    session.ask(
        f"This takes the root out of every store and deletes the authority in {home}, for all "
        "checkouts of yours. Go on?"
    )
    with output.surviving_broken_pipe():
        return _remove(session, home)


def _remove(session: Session, home: Path) -> int:
    code = untrust(session, dry_run=False)
    if code != 0:
        session.say(f"The authority stays in {home}: fix the rows above, then type this again.")
        return code
    if not home.is_dir():
        session.say(f"There is no {home}.")
        return 0
    if not session.ledger().delete():
        session.say(f"The authority stays in {home}: another run has just trusted it again.")
        return 1
    for path in (home / ca_home.AUTHORITY, home / ca_home.ROOT):
        files.delete(path)
    session.say(f"deleted the authority in {home}")
    if _comes_back(home / ca_home.AUTHORITY):
        raise MintError(
            f"a running stack has made a new authority in {home}: another checkout's, or one in "
            "Docker. No store has its root. Stop that stack in its checkout (make down), then "
            "type again: .venv/bin/python -m trust remove"
        )
    with contextlib.suppress(OSError):  # the folder has other files in it
        home.rmdir()
    left = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    if bundle.BUNDLE in left:
        left.remove(bundle.BUNDLE)
        kept = shlex.quote(str(home / bundle.BUNDLE))
        session.say(f"kept the public roots, which some shells may name; to delete them: rm {kept}")
    if left:
        session.say(f"kept files of other programs, and files set aside: {', '.join(left)}")
    return 0


def _say_of_bundle(session: Session, *, dry_run: bool) -> None:
    """Removes the root from the bundle, and names the variables that still lead there."""
    home = session.settings.ca_home
    if bundle.has_root(home):
        if not dry_run:
            bundle.take_root_out(home)
        done = "would take" if dry_run else "took"
        session.say(f"{done} the root out of {home / bundle.BUNDLE}")
    names = bundle.named_by(session.env, home)
    if names and not dry_run:
        line = shells.unset(names, shells.in_use(session.env))
        session.say(f"This shell still names files of {home}: {', '.join(names)}. Type: {line}")


def _comes_back(path: Path) -> bool:
    """Whether a running stack makes the file again: its certs process looks once an INTERVAL."""
    until = time.monotonic() + 4 * INTERVAL
    while not path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(INTERVAL / 10)
    return True
