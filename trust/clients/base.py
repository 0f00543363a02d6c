"""What every client answers: does a real wss:// echo work, with its own store?"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from trust.commands import Runner

AGAIN = "make doctor"

_LONGEST = 200


class Verdict(enum.Enum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "could not check"
    NEEDS_ENV = "needs make env"  # passes with its variables, and refuses as typed


class Cause(enum.Enum):
    """Where a refusal is fixed. The value is the command that does it."""

    STORE = "make certs"  # the root belongs into the store that the client reads
    BUNDLE = 'eval "$(make -s env)"'  # the client brings a bundle of its own
    NOT_TRUST = "make logs"  # it was verified, and something else went wrong


class Visit(Protocol):
    """A page for one browser: its script opens the echo and reports what it saw."""

    url: str

    def result(self, seconds: float, ended: Callable[[], bool]) -> str | None:
        """The report, "pass" or an error; None when none came in time.

        ended: whether the browser is gone.
        """


@dataclass(frozen=True)
class Target:
    """A server with our leaf that echoes, at wss://localhost:port/ws.

    visit: makes a page that opens the echo, for browsers; see trust.proof.echo_server. The
        stack has none: it refuses pages that are not its own.
    """

    port: int
    path: str = "/ws"
    visit: Callable[[], Visit] | None = field(default=None, compare=False)

    @property
    def wss(self) -> str:
        return f"wss://localhost:{self.port}{self.path}"

    @property
    def https(self) -> str:
        return f"https://localhost:{self.port}/"


@dataclass(frozen=True)
class Proof:
    """One row. why: in words, for all but PASS, and for a PASS that shows less
    than an echo; fix: the command to type; cause: where a FAIL is fixed, if that is known."""

    verdict: Verdict
    why: str = ""
    fix: str = ""
    cause: Cause | None = None

    @property
    def is_usual_fix(self) -> bool:
        """Whether fix is the one of the cause, and not of this case alone."""
        return self.cause is not None and self.fix == self.cause.value


PROVEN_BY_ECHO = Proof(Verdict.PASS)
PROVEN_BY_GET = Proof(Verdict.PASS, "a verified HTTPS GET: it has no WebSocket of its own")


def refused(words: str, cause: Cause, fix: str = "") -> Proof:
    """words: the client's own. fix: the command, where it is not the cause's."""
    return Proof(Verdict.FAIL, short(words), fix or cause.value, cause)


def unknown(why: str, fix: str = AGAIN) -> Proof:
    return Proof(Verdict.UNKNOWN, short(why), fix)


def short(text: str) -> str:
    """As one line that fits a row."""
    line = " ".join(text.split()) or "it said nothing"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


class Client(Protocol):
    @property
    def kind(self) -> str:
        """ "curl", "python", "requests", "chromium" (Chrome and Edge too), ...: clients
        of a kind read the same store and variables; see trust.bundle."""

    @property
    def name(self) -> str:
        """For people: "curl", "Chromium", "Python requests", ..."""

    @property
    def version(self) -> str:
        """And where it is, where there can be several."""

    def prove(self, target: Target, runner: Runner) -> Proof:
        """Connects as the client would by itself. Never weakens verification."""


class Finder(Protocol):
    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Client]:
        """The clients of this kind that are installed.

        fs: what stands for / (a test's folder); HOME is taken as env has it.
        """
