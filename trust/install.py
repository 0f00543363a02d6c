"""make certs: every store trusts the root, and every client proves it."""

from __future__ import annotations

from collections.abc import Iterator

from certs import ca_home, mint, output
from certs.authority import Authority
from certs.errors import MintError
from certs.permitted import Permitted
from certs.settings import Settings
from trust import consent, rows
from trust.clients.base import Cause
from trust.proof import doctor
from trust.root import Root
from trust.session import Session, announce, only_one_run, take_back
from trust.stores import change
from trust.stores.change import Row

# Seconds until nginx surely serves a new leaf: the certs process looks twice a second, and
# nginx every second.
_PATIENCE = 10.0


def trust(session: Session, *, dry_run: bool) -> int:
    """Mints, makes every store trust the root, and proves it. Returns the exit status."""
    if dry_run:
        return _plan(session)
    authority = consent.authority(session)
    ledger, found = session.ledger(), session.stores()
    root = Root.read(session.settings.ca_home / ca_home.ROOT)

    def write(*, dry_run: bool) -> Iterator[Row]:
        return change.install(found, root, session.runner, ledger, dry_run=dry_run)

    def clean(*, dry_run: bool) -> Iterator[Row]:
        return take_back(session, found, ledger, dry_run=dry_run, current=root)

    announce(session, [*write(dry_run=True), *clean(dry_run=True)])
    # From here on the work goes on even if the reader of the output has ended.
    with output.surviving_broken_pipe():
        with only_one_run(session, ledger):
            if Root.read(root.path) != root:
                raise MintError(f"another run has made a new root, {root.path}; retry: make certs")
            found = session.stores()
            shown = rows.stores(session.console, write(dry_run=False))
            shown += rows.stores(session.console, clean(dry_run=False))
        # Once more, because this replaces a leaf that a browser may have refused already.
        mint.ensure(session.settings)
        undone = not all(row.ok for row in shown)
        # Do not tell people to run the command they have just run.
        fix = "the command in the row of its store, above" if undone else Cause.STORE.value
        return rows.answer(session.quiet, shown, doctor.prove(session, authority, fix, _PATIENCE))


def _plan(session: Session) -> int:
    """DRY_RUN=1 make certs: says what make certs would make, write and take back."""
    settings, ledger, found = session.settings, session.ledger(), session.stores()
    there = ca_home.usable(settings)
    made = _to_be_made(settings, there)
    if made:
        session.say(
            f"would {made}; its root would go into these stores, under other digits than in "
            "this example:"
        )
    elif asked := consent.question(settings.permit, there, ledger):
        session.say(f"would ask: {asked}")
    # root.pem is not read here, because make certs writes it if it is missing.
    authority = there if there and not made else ca_home.example(settings, there)
    root = Root(settings.ca_home / ca_home.ROOT, authority.root_pem().decode())
    shown = rows.stores(
        session.console, change.install(found, root, session.runner, ledger, dry_run=True)
    )
    back = list(take_back(session, found, ledger, dry_run=True, current=root))
    if made and back:
        session.say("and the older root would be taken out of these stores:")
    shown += rows.stores(session.console, back)
    return rows.answer(session.quiet, shown, [])


def _to_be_made(settings: Settings, there: Authority | None) -> str:
    """The first step of `make certs`, in words; empty if the present authority stays."""
    if there:
        missing = settings.permit.minus(there.permitted)
        made = f"ask, then make an authority that may sign {', '.join(missing)} too, in the place "
        return f"{made}of {there.name}" if missing else ""
    wide = settings.permit.minus(Permitted())
    if wide:
        return f"ask, then make an authority first, that may sign {', '.join(wide)} too"
    return "make an authority first"
