"""The interface of both ways to run the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from certs.errors import RefusalError

SERVICES = ("certs", "app", "nginx", "metrics")


class StackError(RefusalError):
    """Something went wrong. The text says what, and what to type next."""


@dataclass(frozen=True)
class Service:
    """One process, as `status` shows it."""

    name: str
    ok: bool
    state: str  # in the words of Compose or supervisord
    starting: bool = False  # not ok, because it has only begun


class Stack(Protocol):
    """The interface that make and the tests use.

    Every method may raise StackError; up raises SettingError for hosts that the
    authority may not sign.
    """

    mode: str

    def running(self) -> bool:
        """Whether any part of the stack runs, even one that was left over."""

    def up(self) -> bool:
        """Starts all that does not run, applies changed settings, and returns
        when the stack answers. False: it ran already and nothing changed."""

    def down(self) -> None:
        """Stops everything. No error if nothing runs."""

    def restart(self, service: str) -> None:
        """Restarts one process."""

    def status(self) -> list[Service]: ...

    def nginx(self) -> str:
        """The nginx that runs: its version, and whether that is behind; empty if unknown."""

    def logs(self, *, follow: bool) -> None:
        """Writes the logs of all processes to standard output."""

    def written(self, service: str) -> list[str]:
        """The lines of one process's log, as far as it is kept, the oldest first."""
