"""deno: it brings a bundle, which DENO_CERT adds to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.clients.javascript import FILE, PROGRAM
from trust.commands import Runner


@dataclass(frozen=True)
class Deno:
    path: str
    version: str
    kind: str = "deno"
    name: str = "deno"

    def prove(self, target: Target, runner: Runner) -> Proof:
        # Nothing else is reached, asked or looked for.
        allowed = (f"--allow-net=localhost:{target.port}", "--no-prompt", "--no-config")
        return programs.prove(
            runner,
            target,
            (self.path, "run", "--quiet", *allowed, FILE),
            FILE,
            PROGRAM,
            Cause.BUNDLE,
            env={"DENO_DIR": ".deno", "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Deno]:
    path = runner.which("deno")
    return [Deno(path, processes.version(runner, path, "--version"))] if path else []
