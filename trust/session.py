"""What every command about trust works with, and how stores are written: one run at a
time, after saying so."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from certs import files
from certs.errors import MintError
from certs.settings import Settings
from trust import resolver
from trust.commands import Runner, for_root
from trust.root import Root
from trust.stores import change, find
from trust.stores.base import Store
from trust.stores.change import Row
from trust.stores.ledger import Ledger

# The folder that every user of a machine may open, and that is always there.
_MACHINE = Path("/")


class DeclinedError(MintError):
    """A question was answered with no, or could not be asked."""


def typed(prompt: str) -> str:
    """The line that is typed, nothing at its end. As input(), but that it asks on
    standard error: standard output may be a file, and is for programs with --json."""
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


@dataclass
class Session:
    """quiet: the answer is JSON, nothing else; who waits at a terminal sees the rows
    come there, on standard error."""

    settings: Settings
    env: Mapping[str, str]
    quiet: bool
    yes: bool = False  # every question is answered with yes

    def __post_init__(self) -> None:
        self.runner = Runner(self.env, interactive=sys.stdin.isatty() and not self.quiet)
        unseen = self.quiet and not sys.stderr.isatty()
        self.console = Console(stderr=self.quiet, quiet=unseen, emoji=False, highlight=False)

    def stores(self) -> list[Store]:
        names = resolver.look(self.settings)
        return find.find_all(self.env, self.runner, Path("/"), names)

    def ledger(self) -> Ledger:
        return Ledger(self.settings.ca_home)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def ask(self, question: str, yes: str = "--yes") -> None:
        """yes: what says yes beforehand. Raises DeclinedError for anything but yes."""
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise DeclinedError(f"{question} There is no terminal to ask at; to say yes: {yes}")
        if typed(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise DeclinedError("nothing was changed")


@contextlib.contextmanager
def only_one_run(session: Session, ledger: Ledger) -> Iterator[None]:
    """While this lasts, no other run on this machine writes to stores.

    Two at once would destroy them, two users' too: Debian's update-ca-certificates
    has one temporary file for all, and certutil's databases stand one writer. The
    caller looks at the stores again then: another run may just have ended.
    Raises LedgerError, OSError.
    """
    with files.lock(
        _MACHINE, lambda: session.say("waiting for another run that writes to the stores")
    ):
        ledger.read_again()
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
    with tempfile.TemporaryDirectory(prefix="wss-stack-") as folder:
        roots = ledger.roots(Path(folder))
        older = [root for root in roots if not current or root.sha256 != current.sha256]
        yield from change.remove(found, older, session.runner, ledger, dry_run=dry_run)


def announce(session: Session, rows: Iterable[Row]) -> None:
    """Says what will be done, and asks for a password before, not in the middle."""
    planned = list(rows)
    for row in planned:
        for command in row.commands:
            session.say(f"{row.title}: will run {command}")
    by_sudo = any(for_root(command) for row in planned for command in row.commands)
    if by_sudo and not session.runner.authenticate():
        session.say("Without sudo, what needs root is not done; its rows say what to type.")
