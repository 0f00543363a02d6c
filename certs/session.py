"""What every command about trust works with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from certs.commands import Runner
from certs.ledger import Ledger
from certs.mint import MintError
from certs.settings import Settings
from certs.stores import find
from certs.stores.base import Store


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
        return find.find_all(self.env, self.runner)

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
