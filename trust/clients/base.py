"""The interface of all clients: does a real wss:// echo work with the client's own store?"""

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
    NEEDS_ENV = "needs make env"  # passes only with the variables of make env


class Cause(enum.Enum):
    """The cause of a refusal. The value is the command that fixes it."""

    STORE = "make certs"  # the client's store lacks the root
    BUNDLE = 'eval "$(make -s env)"'  # the client has its own bundle
    NOT_TRUST = "make logs"  # the client trusts the root, but something else failed


class Visit(Protocol):
    """A page for one browser: its script opens the echo and reports the result."""

    url: str

    def result(self, seconds: float, ended: Callable[[], bool]) -> str | None:
        """The report, "pass" or an error; None if none came in time.

        ended: whether the browser is gone.
        """


@dataclass(frozen=True)
class Target:
    """A server with a leaf of this authority and an echo at wss://localhost:port/ws.

    visit: makes a page that opens the echo, for browsers; see trust.proof.echo_server. The
        stack has none: nginx refuses the origin of such a page.
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
    """One row of the proof.

    why: the reason in words; for a PASS only if it shows less than an echo. fix: the command
    to type. cause: the cause of a FAIL, if it is known.
    """

    verdict: Verdict
    why: str = ""
    fix: str = ""
    cause: Cause | None = None

    @property
    def is_usual_fix(self) -> bool:
        """Whether fix is the cause's own command, and not one for this case alone."""
        return self.cause is not None and self.fix == self.cause.value


PROVEN_BY_ECHO = Proof(Verdict.PASS)
PROVEN_BY_GET = Proof(Verdict.PASS, "a verified HTTPS GET: it has no WebSocket of its own")


def refused(words: str, cause: Cause, fix: str = "") -> Proof:
    """words: the client's own. fix: the command, if it is not the cause's."""
    return Proof(Verdict.FAIL, short(words), fix or cause.value, cause)


def unknown(why: str, fix: str = AGAIN) -> Proof:
    return Proof(Verdict.UNKNOWN, short(why), fix)


def short(text: str) -> str:
    """The text as one line that fits into a row."""
    line = " ".join(text.split()) or "it said nothing"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


class Client(Protocol):
    @property
    def kind(self) -> str:
        """ "curl", "python", "requests", "chromium" (Chrome and Edge too), ...: clients
        of a kind read the same store and variables; see trust.bundle."""

    @property
    def name(self) -> str:
        """The name for people: "curl", "Chromium", "Python requests", ..."""

    @property
    def version(self) -> str:
        """The version, and the path if a machine can have several."""

    def prove(self, target: Target, runner: Runner) -> Proof:
        """Connects with the client's own defaults. Never weakens verification."""


class Finder(Protocol):
    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Client]:
        """The clients of this kind that are installed.

        fs: the folder for / (a test's own); HOME comes from env.
        """
