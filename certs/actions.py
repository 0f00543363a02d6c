"""What make certs and make doctor do; certs.removal takes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from certs import authority as authorities
from certs import clients, consent, doctor, mint, output, show, trust, writing
from certs.authority import Authority, AuthorityError
from certs.clients.base import IN_THE_STORE
from certs.hosts import Permitted
from certs.session import Session
from certs.settings import Settings
from certs.stores.base import Root
from certs.trust import Row

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
        return writing.take_back(session, found, ledger, dry_run=dry_run, current=root)

    writing.announce(session, [*write(dry_run=True), *take_back(dry_run=True)])
    # From here on it is done, whoever still reads of it.
    with output.lasting():
        with writing.alone(session, ledger):
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
    back = list(writing.take_back(session, found, ledger, dry_run=True, current=root))
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
