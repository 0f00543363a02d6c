"""What every client answers: does a real wss:// echo work, with its own store?"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from certs.commands import Runner


class Verdict(enum.Enum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "could not check"


@dataclass(frozen=True)
class Target:
    """A server with our leaf that echoes, at wss://localhost:port/ws.

    path: of the echo. page: an http:// address on this machine whose page's
    script opens the echo and reports back (browsers); see certs.probe.
    """

    port: int
    path: str = "/ws"

    @property
    def wss(self) -> str:
        return f"wss://localhost:{self.port}{self.path}"

    @property
    def https(self) -> str:
        return f"https://localhost:{self.port}/"


@dataclass(frozen=True)
class Proof:
    """One row. why: for FAIL and UNKNOWN, in words; mend: the command to type."""

    verdict: Verdict
    why: str = ""
    mend: str = ""


class Client(Protocol):
    name: str  # "curl", "Chromium", "Node", ...
    version: str

    def prove(self, target: Target, runner: Runner) -> Proof:
        """Connects as the client would by itself. Never weakens verification."""


class Finder(Protocol):
    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Client]:
        """The clients of this kind that are installed."""
