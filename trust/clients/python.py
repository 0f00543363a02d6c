"""Python: each interpreter, with the libraries that it can import.

ssl and websockets read the system's store; httpx and requests have their own bundle.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import programs
from trust.clients.base import PROVEN_BY_ECHO, PROVEN_BY_GET, Cause, Proof, Target
from trust.commands import CommandError, Runner

_LIBRARIES = ("ssl", "websockets", "httpx", "requests")
_BUNDLED = ("httpx", "requests")

# Without this, the program's folder comes first, and a file there could hide a library.
_CLEAN = "import sys; sys.path[:] = [p for p in sys.path if p]\n"

_LOOK = (
    _CLEAN
    + f"""
import importlib.util, json, platform
found = [name for name in {_LIBRARIES!r} if importlib.util.find_spec(name)]
print(json.dumps([sys.executable, sys.prefix, platform.python_version(), found]))
"""
)


@dataclass(frozen=True)
class Python:
    """One library in one interpreter."""

    path: str
    version: str
    library: str

    @property
    def kind(self) -> str:
        return self.library if self.library in _BUNDLED else "python"

    @property
    def name(self) -> str:
        return f"Python {self.library}"

    def prove(self, target: Target, runner: Runner) -> Proof:
        bundled = self.library in _BUNDLED
        return programs.prove(
            runner,
            target,
            (self.path, "echo.py", self.library),
            "echo.py",
            Cause.BUNDLE if bundled else Cause.STORE,
            proven=PROVEN_BY_GET if bundled else PROVEN_BY_ECHO,
        )


def find(_: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Python]:
    """The libraries of python3 on PATH, of the system's, and of the Python that runs this."""
    found: dict[str, list[Python]] = {}
    for path in (runner.which("python3"), str(fs / "usr/bin/python3"), sys.executable):
        if not path:
            continue
        try:
            executable, prefix, version, libraries = json.loads(
                runner.look(path, "-c", _LOOK).out or "null"
            )
        except (CommandError, ValueError, TypeError):
            continue  # there is no Python, or it does not start
        # The same interpreter has the same prefix behind any link or shim.
        found.setdefault(
            prefix,
            [Python(executable, f"{version} ({executable})", library) for library in libraries],
        )
    return [client for clients in found.values() for client in clients]
