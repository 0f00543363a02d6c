"""What the commands that take back do: untrust, remove."""

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
    """make untrust: takes back what was written, older roots included."""
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
    """Also deletes the authority, after asking, and all that is ours beside it.

    Raises MintError where a running stack makes a new one at once.
    """
    home = session.settings.ca_home
    if leaf_dir.is_kept(session.settings.leaf_dir):
        raise MintError(
            f"the stack of this checkout is running, and would make a new authority in {home} "
            "at once; stop it, then again: make down"
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
        session.say(f"The authority is kept in {home}: fix the rows above, then again.")
        return code
    if not home.is_dir():
        session.say(f"There is no {home}.")
        return 0
    if not session.ledger().delete():
        session.say(f"The authority is kept in {home}: it was trusted again meanwhile.")
        return 1
    for path in (home / ca_home.AUTHORITY, home / ca_home.ROOT):
        files.delete(path)
    session.say(f"deleted the authority in {home}")
    if _comes_back(home / ca_home.AUTHORITY):
        raise MintError(
            f"an authority is back in {home}: a stack is running that made a new one, another "
            "checkout's or in Docker. No store has its root. Stop that stack where it was started "
            "(make down), then again: .venv/bin/python -m trust remove"
        )
    with contextlib.suppress(OSError):  # it is somebody's who keeps more in it
        home.rmdir()
    left = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    if bundle.BUNDLE in left:
        left.remove(bundle.BUNDLE)
        kept = shlex.quote(str(home / bundle.BUNDLE))
        session.say(f"kept the public roots, for shells that name them; when none does: rm {kept}")
    if left:
        session.say(f"kept there, not made by this project or set aside: {', '.join(left)}")
    return 0


def _say_of_bundle(session: Session, *, dry_run: bool) -> None:
    """Takes the root out of the bundle, and names the variables that still lead there."""
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
    """Whether a running stack makes it again: a certs process looks once in an INTERVAL."""
    until = time.monotonic() + 2 * INTERVAL
    while not path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(INTERVAL / 20)
    return True
