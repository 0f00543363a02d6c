"""The state that all commands about trust share, and their rule for writing to stores: one run
at a time, after an announcement."""

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

# A folder that always exists, and that every user of the machine may open.
_MACHINE = Path("/")


class DeclinedError(MintError):
    """The user answered a question with no, or could not be asked."""


def typed(prompt: str) -> str:
    """The line that the user types, empty at the end of the input. Unlike input(), the prompt
    goes to standard error: standard output may be a file, or JSON for a program."""
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


@dataclass
class Session:
    """quiet: standard output gets only JSON; the rows go to standard error, for a user at a
    terminal."""

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
        """yes: the option that answers yes in advance. Raises DeclinedError for any other
        answer than yes."""
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise DeclinedError(f"{question} There is no terminal for an answer; for yes: {yes}")
        if typed(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise DeclinedError("nothing was changed")


@contextlib.contextmanager
def only_one_run(session: Session, ledger: Ledger) -> Iterator[None]:
    """Inside the `with`, no other run on this machine writes to stores.

    Two runs at once would damage stores, even two users' runs: update-ca-certificates of
    Debian has one temporary file for all, and a certutil database allows one writer. The
    caller looks at the stores again, because another run may just have changed them.
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
    """Takes every root in the ledger out of the stores, except the current one. Older roots
    are those of authorities that a wider or newer one replaced."""
    with tempfile.TemporaryDirectory(prefix="wss-stack-") as folder:
        roots = ledger.roots(Path(folder))
        older = [root for root in roots if not current or root.sha256 != current.sha256]
        yield from change.remove(found, older, session.runner, ledger, dry_run=dry_run)


def announce(session: Session, rows: Iterable[Row]) -> None:
    """Prints the commands to come, and lets sudo ask for a password before the first one."""
    planned = list(rows)
    for row in planned:
        for command in row.commands:
            session.say(f"{row.title}: will run {command}")
    by_sudo = any(for_root(command) for row in planned for command in row.commands)
    if by_sudo and not session.runner.authenticate():
        session.say("Without sudo, steps for root are left out; their rows have the commands.")
