"""PHP, whose streams read OpenSSL's store, and whose curl reads the one it was built with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import programs
from trust.clients.base import PROVEN_BY_ECHO, PROVEN_BY_GET, Cause, Proof, Target
from trust.commands import CommandError, Runner

_NEEDS = {"streams": "openssl", "curl": "curl"}
_LOOK = (
    "echo json_encode([PHP_VERSION, array_values("
    "array_filter(['openssl', 'curl'], 'extension_loaded'))]);"
)


@dataclass(frozen=True)
class PHP:
    """way: "streams", which file_get_contents and fsockopen use too, or "curl"."""

    path: str
    version: str
    way: str

    @property
    def kind(self) -> str:
        return "php" if self.way == "streams" else "php-curl"

    @property
    def name(self) -> str:
        return f"PHP {self.way}"

    def prove(self, target: Target, runner: Runner) -> Proof:
        return programs.prove(
            runner,
            target,
            (self.path, "echo.php", self.way),
            "echo.php",
            Cause.STORE,
            proven=PROVEN_BY_ECHO if self.way == "streams" else PROVEN_BY_GET,
            marks=("certificate",),
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[PHP]:
    """One client for each of the two ways that the PHP on PATH has."""
    path = runner.which("php")
    if not path:
        return []
    try:
        # Warnings about php.ini come before the answer.
        last = runner.look(path, "-r", _LOOK).out.splitlines()[-1:]
        version, extensions = json.loads(last[0] if last else "null")
    except (CommandError, ValueError, TypeError):
        return []  # none that starts
    return [PHP(path, version, way) for way, needed in _NEEDS.items() if needed in extensions]
