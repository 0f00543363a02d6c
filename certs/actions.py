"""What the commands about trust do: trust, doctor, untrust, remove."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from certs import authority as authorities
from certs import clients, doctor, environment, files, mint, trust
from certs.authority import Authority
from certs.commands import Runner
from certs.ledger import LEDGER, Ledger
from certs.settings import Settings
from certs.stores import find
from certs.stores.base import Root, Store
from certs.table import Line, Rows
from certs.trust import Outcome, Row


class DeclinedError(mint.MintError):
    """A question was answered with no, or could not be asked."""


@dataclass
class Session:
    """What every command works with. quiet: the answer is JSON, nothing else."""

    settings: Settings
    env: Mapping[str, str]
    quiet: bool
    yes: bool = False  # every question is answered with yes

    def __post_init__(self) -> None:
        self.runner = Runner(self.env, interactive=sys.stdin.isatty() and not self.quiet)
        self.console = Console(quiet=self.quiet, emoji=False, highlight=False)

    def stores(self) -> list[Store]:
        return find.find_all(self.env, self.runner)

    def ledger(self) -> Ledger:
        return Ledger(self.settings.ca_home)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def ask(self, question: str) -> None:
        """Raises DeclinedError for anything but yes."""
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise DeclinedError(f"{question} There is no terminal to ask at; to say yes: --yes")
        if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise DeclinedError("nothing was changed")


def install(session: Session, *, dry_run: bool) -> int:
    """make certs: mints, makes every store trust the root, and proves it."""
    if dry_run:
        return _plan(session)
    authority = _authority(session)
    ledger, found = session.ledger(), session.stores()
    root = ledger.keep(Root.read(session.settings.ca_home / mint.ROOT))

    def write(*, dry_run: bool) -> Iterator[Row]:
        return trust.install(found, root, session.runner, ledger, dry_run=dry_run)

    def take_back(*, dry_run: bool) -> Iterator[Row]:
        return _take_back(session, found, ledger, dry_run=dry_run, current=root)

    _announce(session, [*write(dry_run=True), *take_back(dry_run=True)])
    rows = _show(session, write(dry_run=False))
    rows += _show(session, take_back(dry_run=False))
    # Once more: a leaf that a browser has refused already is replaced.
    mint.everything(session.settings, session.say)
    return _answer(session, rows, _prove(session, authority))


def _plan(session: Session) -> int:
    """DRY_RUN=1 make certs: what would be made, written and taken back."""
    settings, ledger, found = session.settings, session.ledger(), session.stores()
    authority = mint.usable(settings)
    missing = settings.permit.beyond(authority.permitted) if authority else []
    if authority and not missing:
        root = Root.read(settings.ca_home / mint.ROOT)
        rows = _show(session, trust.install(found, root, session.runner, ledger, dry_run=True))
        rows += _show(session, _take_back(session, found, ledger, dry_run=True, current=root))
        return _answer(session, rows, [])
    if authority:
        made = f"ask, then make an authority that may sign {', '.join(missing)} too, in the place "
        made += f"of {authority.name}"
    else:
        made = "make an authority first"
    session.say(f"would {made}; its root would go into these stores:")
    for store in found:
        session.say(f"  {store.title}")
    if not authority:
        return _answer(session, [], [])
    back = list(_take_back(session, found, ledger, dry_run=True))
    if back:
        session.say("and what was written for the one there now would be taken back:")
    return _answer(session, _show(session, back), [])


def prove(session: Session) -> int:
    """make doctor: the proof alone. Changes nothing."""
    path = session.settings.ca_home / mint.AUTHORITY
    if not path.exists():
        raise mint.MintError(f"there is no authority in {path.parent} yet; make one: make certs")
    authority = authorities.load(path.read_bytes(), datetime.now(UTC))
    return _answer(session, [], _prove(session, authority))


def remove(session: Session, *, dry_run: bool) -> int:
    """make untrust: takes back what was written, older roots included."""
    ledger, found = session.ledger(), session.stores()
    if not dry_run:
        _announce(session, _take_back(session, found, ledger, dry_run=True))
    rows = _show(session, _take_back(session, found, ledger, dry_run=dry_run))
    if not rows:
        session.say("Nothing was written to any store.")
    lost = ledger.lost()
    if lost and not dry_run and all(entry.sha256 in lost for entry in ledger):
        path = shlex.quote(str(session.settings.ca_home / LEDGER))
        session.say(f"Once you took those out by hand, nothing is left to remember: rm {path}")
    if any(row.outcome is Outcome.REMOVED for row in rows):
        for note in doctor.running_browsers():
            session.say(f"{note} It may remember for up to half an hour: restart it.")
    return _answer(session, rows, [])


def delete(session: Session) -> int:
    """Also deletes the authority, after asking, and all that is ours beside it."""
    home = session.settings.ca_home
    session.ask(
        f"This takes the root out of every store and deletes the authority in {home}, for all "
        "checkouts of yours. Go on?"
    )
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
    for name in (mint.AUTHORITY, mint.ROOT, environment.BUNDLE):
        files.delete(home / name)
    session.say(f"deleted the authority in {home}")
    with contextlib.suppress(OSError):  # it is somebody's who keeps more in it
        home.rmdir()
    if home.is_dir() and (left := sorted(path.name for path in home.iterdir())):
        session.say(f"kept there, being none of ours or set aside: {', '.join(left)}")
    return 0


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


def _authority(session: Session) -> Authority:
    """The authority; a new one, after asking, for names that PERMIT adds."""
    settings = session.settings
    authority = mint.ensure_authority(settings, session.say)
    missing = settings.permit.beyond(authority.permitted)
    if missing:
        session.ask(
            f"The authority {authority.name} may not sign {', '.join(missing)}. A new one can: "
            "its root takes the old one's place in every store, and whoever has its key can sign "
            "those names for the programs of this machine. Make it?"
        )
        session.ledger().keep(Root.read(settings.ca_home / mint.ROOT))
        authority = mint.replace_authority(settings, session.say)
    mint.everything(settings, session.say)
    return authority


def _announce(session: Session, rows: Iterable[Row]) -> None:
    """Says what will be done, and asks for a password before, not in the middle."""
    planned = list(rows)
    for row in planned:
        for command in row.commands:
            session.say(f"{row.title}: will run {command}")
    by_sudo = any(command.startswith("sudo ") for row in planned for command in row.commands)
    if by_sudo and not session.runner.authenticate():
        session.say("Without sudo, what needs root is not done; its rows say what to type.")


def _show(session: Session, rows: Iterable[Row]) -> list[Row]:
    seen: list[Row] = []
    with Rows(session.console, "store") as table:
        for row in rows:
            seen.append(row)
            notes = (row.why, *row.commands, f"mend it: {row.mend}" if row.mend else "")
            well = None if row.outcome is Outcome.PLANNED else row.well
            table.show(Line(row.title, row.outcome.value, well, tuple(filter(None, notes))))
    return seen


def _prove(session: Session, authority: Authority) -> list[doctor.Check]:
    seen = []
    found = clients.find_all(session.env, session.runner, Path("/"))
    with Rows(session.console, "client") as table:
        for check in doctor.examine(
            session.settings, session.env, session.runner, found, authority
        ):
            seen.append(check)
            notes = (check.why, f"mend it: {check.mend}" if check.mend else "")
            table.show(
                Line(check.client, check.verdict.value, check.well, tuple(filter(None, notes)))
            )
    return seen


def _answer(session: Session, rows: list[Row], checks: list[doctor.Check]) -> int:
    # The first row is the stack: being down is no fault of a client's.
    well = all(row.well for row in rows) and all(check.well for check in checks[1:])
    if session.quiet:
        answer = {
            "ok": well,
            "stores": [{**asdict(row), "outcome": row.outcome.name.lower()} for row in rows],
            "clients": [
                {**asdict(check), "verdict": check.verdict.name.lower()} for check in checks
            ],
        }
        print(json.dumps(answer, indent=2))
    return 0 if well else 1
