"""What both ways of running the stack offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from certs.errors import RefusalError

SERVICES = ("certs", "app", "nginx")


class StackError(RefusalError):
    """Something went wrong. The text says what, and what to type next."""


@dataclass(frozen=True)
class Service:
    """One process, as `status` shows it."""

    name: str
    ok: bool
    state: str  # in the words of what runs it
    starting: bool = False  # not ok, because it has only begun


class Stack(Protocol):
    """One interface, used by make and by the tests alike.

    Every method raises StackError for what went wrong; up raises SettingError for
    hosts that the authority may not sign.
    """

    mode: str

    def running(self) -> bool:
        """Whether any part of it is, a leftover included."""

    def up(self) -> bool:
        """Starts what is not running, applies settings that changed, and returns
        when the stack answers. False: it ran already and nothing changed."""

    def down(self) -> None:
        """Stops everything. No error where nothing runs."""

    def restart(self, service: str) -> None:
        """Restarts one process."""

    def status(self) -> list[Service]: ...

    def nginx(self) -> str:
        """Which nginx runs, with its version and whether that is behind, in words; empty
        where it is not known."""

    def logs(self, *, follow: bool) -> None:
        """Writes the logs of all processes to standard output."""

    def written(self, service: str) -> list[str]:
        """The lines of one process's log, as far as it is kept, the oldest first."""
