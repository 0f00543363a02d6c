"""What the commands about trust do: trust, doctor, untrust, remove."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from certs import authority as authorities
from certs import (
    claim,
    clients,
    consent,
    doctor,
    environment,
    files,
    mint,
    output,
    running,
    show,
    trust,
)
from certs.authority import Authority, AuthorityError
from certs.clients.base import IN_THE_STORE
from certs.commands import for_root
from certs.hosts import Permitted
from certs.ledger import LEDGER, Ledger
from certs.session import Session
from certs.settings import Settings
from certs.stores.base import Root, Store
from certs.trust import Outcome, Row
from certs.watch import INTERVAL

# The folder that every user of a machine may open, and that is always there.
_MACHINE = Path("/")
# Seconds until a new leaf is surely served: the certs process looks once a second, and
# nginx every two.
_PATIENCE = 10.0


def install(session: Session, *, dry_run: bool) -> int:
    """make certs: mints, makes every store trust the root, and proves it."""
    if dry_run:
        return _plan(session)
    authority = consent.authority(session)
    ledger, found = session.ledger(), session.stores()
    root = ledger.keep(Root.read(session.settings.ca_home / mint.ROOT))

    def write(*, dry_run: bool) -> Iterator[Row]:
        return trust.install(found, root, session.runner, ledger, dry_run=dry_run)

    def take_back(*, dry_run: bool) -> Iterator[Row]:
        return _take_back(session, found, ledger, dry_run=dry_run, current=root)

    _announce(session, [*write(dry_run=True), *take_back(dry_run=True)])
    # From here on it is done, whoever still reads of it.
    with output.lasting():
        with _alone(session, ledger):
            found = session.stores()
            rows = show.stores(session.console, write(dry_run=False))
            rows += show.stores(session.console, take_back(dry_run=False))
        # Once more: a leaf that a browser has refused already is replaced.
        mint.everything(session.settings, session.say)
        undone = not all(row.well for row in rows)
        # Not what was just typed.
        mend = "the command in the row of its store, above" if undone else IN_THE_STORE
        return show.answer(session.quiet, rows, _prove(session, authority, mend, _PATIENCE))


def _plan(session: Session) -> int:
    """DRY_RUN=1 make certs: what would be made, written and taken back."""
    settings, ledger, found = session.settings, session.ledger(), session.stores()
    there = mint.usable(settings)
    made = _to_be_made(settings, there)
    if made:
        session.say(
            f"would {made}; its root would go into these stores, under digits of its own "
            "(those below are an example's):"
        )
    elif asked := consent.question(settings.permit, there, ledger):
        session.say(f"would ask: {asked}")
    # Not read: where it is missing, it would be written anew.
    authority = there if there and not made else mint.example(settings, there)
    root = Root(settings.ca_home / mint.ROOT, authority.root_pem().decode())
    rows = show.stores(
        session.console, trust.install(found, root, session.runner, ledger, dry_run=True)
    )
    back = list(_take_back(session, found, ledger, dry_run=True, current=root))
    if made and back:
        session.say("and what was written for the one before would be taken back:")
    rows += show.stores(session.console, back)
    return show.answer(session.quiet, rows, [])


def _to_be_made(settings: Settings, there: Authority | None) -> str:
    """What `make certs` would do first, in words; empty: the authority there is the one."""
    if there:
        missing = settings.permit.beyond(there.permitted)
        made = f"ask, then make an authority that may sign {', '.join(missing)} too, in the place "
        return f"{made}of {there.name}" if missing else ""
    wide = settings.permit.beyond(Permitted())
    if wide:
        return f"ask, then make an authority first, that may sign {', '.join(wide)} too"
    return "make an authority first"


def prove(session: Session) -> int:
    """make doctor: the proof alone. Changes nothing."""
    home = session.settings.ca_home
    path = home / mint.AUTHORITY
    if not path.exists():
        raise mint.MintError(f"there is no authority in {home} yet; make one: make certs")
    try:
        authority = authorities.load(path.read_bytes(), datetime.now(UTC))
    except AuthorityError as error:
        raise mint.MintError(f"{path}: {error}; to replace it: make certs") from error
    if not (home / mint.ROOT).exists():
        raise mint.MintError(f"{home / mint.ROOT} is missing; to write it anew: make certs")
    return show.answer(session.quiet, [], _prove(session, authority))


def remove(session: Session, *, dry_run: bool) -> int:
    """make untrust: takes back what was written, older roots included."""
    ledger, found = session.ledger(), session.stores()
    if not dry_run:
        _announce(session, _take_back(session, found, ledger, dry_run=True))
    with output.lasting():
        with contextlib.nullcontext() if dry_run else _alone(session, ledger):
            found = session.stores()
            rows = show.stores(session.console, _take_back(session, found, ledger, dry_run=dry_run))
        if not rows:
            session.say("Nothing was written to any store.")
        lost = ledger.lost()
        if lost and not dry_run and all(entry.sha256 in lost for entry in ledger):
            path = shlex.quote(str(session.settings.ca_home / LEDGER))
            session.say(f"Once you took those out by hand, nothing is left to remember: rm {path}")
        if any(row.outcome is Outcome.REMOVED for row in rows):
            for note in running.browsers():
                session.say(f"{note} It may remember for up to half an hour: restart it.")
        return show.answer(session.quiet, rows, [])


def delete(session: Session) -> int:
    """Also deletes the authority, after asking, and all that is ours beside it.

    Raises MintError where a running stack makes a new one at once.
    """
    home = session.settings.ca_home
    if claim.held(session.settings.leaf_dir):
        raise mint.MintError(
            f"the stack of this checkout is running, and would make a new authority in {home} "
            "at once; stop it, then again: make down"
        )
    session.ask(
        f"This takes the root out of every store and deletes the authority in {home}, for all "
        "checkouts of yours. Go on?"
    )
    with output.lasting():
        return _delete(session, home)


def _delete(session: Session, home: Path) -> int:
    code = remove(session, dry_run=False)
    if code != 0:
        session.say(f"The authority is kept in {home}: mend the rows above, then again.")
        return code
    if not home.is_dir():
        session.say(f"There is no {home}.")
        return 0
    if not session.ledger().delete():
        session.say(f"The authority is kept in {home}: it was trusted again meanwhile.")
        return 1
    for path in (home / mint.AUTHORITY, home / mint.ROOT, *environment.bundles(home)):
        files.delete(path)
    session.say(f"deleted the authority in {home}")
    if _comes_back(home / mint.AUTHORITY):
        raise mint.MintError(
            f"an authority is back in {home}: a stack is running that made a new one, another "
            "checkout's or in Docker. No store has its root. Stop that stack where it was started "
            "(make down), then again: .venv/bin/python -m certs remove"
        )
    with contextlib.suppress(OSError):  # it is somebody's who keeps more in it
        home.rmdir()
    if home.is_dir() and (left := sorted(path.name for path in home.iterdir())):
        session.say(f"kept there, being none of ours or set aside: {', '.join(left)}")
    return 0


def _comes_back(path: Path) -> bool:
    """Whether a running stack makes it anew. Such a one looks once in an INTERVAL."""
    until = time.monotonic() + 2 * INTERVAL
    while not path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(INTERVAL / 20)
    return True


@contextlib.contextmanager
def _alone(session: Session, ledger: Ledger) -> Iterator[None]:
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


def _take_back(
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


def _announce(session: Session, rows: Iterable[Row]) -> None:
    """Says what will be done, and asks for a password before, not in the middle."""
    planned = list(rows)
    for row in planned:
        for command in row.commands:
            session.say(f"{row.title}: will run {command}")
    by_sudo = any(for_root(command) for row in planned for command in row.commands)
    if by_sudo and not session.runner.authenticate():
        session.say("Without sudo, what needs root is not done; its rows say what to type.")


def _prove(
    session: Session,
    authority: Authority,
    in_the_store: str = IN_THE_STORE,
    patience: float = 0.0,
) -> list[doctor.Check]:
    """in_the_store: what mends a root that is missing from a store. patience: as
    served.look has it."""
    found = clients.find_all(session.env, session.runner, Path("/"))
    # Closed whatever comes: it runs servers, whose threads are waited for. An exception
    # would keep it until the interpreter ends, where they run no more.
    with contextlib.closing(
        doctor.examine(session.settings, session.env, session.runner, found, authority, patience)
    ) as checks:
        return show.clients(
            session.console,
            (replace(c, mend=in_the_store) if c.mend == IN_THE_STORE else c for c in checks),
        )
