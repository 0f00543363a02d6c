"""Go, which reads the system's store; its TLS carries WebSocket's bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.commands import Runner

# A first run compiles the standard library into the user's build cache.
_TIMEOUT = 180.0


@dataclass(frozen=True)
class Go:
    path: str
    version: str
    kind: str = "go"
    name: str = "Go"

    def prove(self, target: Target, runner: Runner) -> Proof:
        # No module and no toolchain is downloaded; without cgo, Go needs no C compiler.
        env = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
        env |= {"GOWORK": "off", "CGO_ENABLED": "0"}
        return programs.prove(
            runner,
            target,
            (self.path, "run", "echo.go"),
            "echo.go",
            Cause.STORE,
            env=env,
            timeout=_TIMEOUT,
            marks=("x509:", "tls:"),
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Go]:
    path = runner.which("go")
    return [Go(path, processes.version(runner, path, "version"))] if path else []
