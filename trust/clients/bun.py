"""bun: it brings a bundle, which NODE_EXTRA_CA_CERTS adds to; newer ones read Linux's store too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.clients.javascript import FILE, PROGRAM
from trust.commands import Runner


@dataclass(frozen=True)
class Bun:
    path: str
    version: str
    kind: str = "bun"
    name: str = "bun"

    def prove(self, target: Target, runner: Runner) -> Proof:
        return programs.prove(
            runner,
            target,
            (self.path, "--no-install", FILE),
            FILE,
            PROGRAM,
            Cause.BUNDLE,
            env={"NO_COLOR": "1"},
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Bun]:
    path = runner.which("bun")
    return [Bun(path, processes.version(runner, path, "--version"))] if path else []
