"""Node, deno and bun, which run one program, each with its own arguments.

Each has its own bundle, to which variables add. Debian's Node instead reads OpenSSL's
store, which is the system's. Newer versions of bun read Linux's store too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.commands import CommandError, Runner

_NAMES = {"node": "Node", "deno": "deno", "bun": "bun"}
# Debian configures Node with --openssl-use-def-ca-store, which defines this.
_LOOK = "process.config.target_defaults.defines.includes('NODE_OPENSSL_CERT_STORE')"


@dataclass(frozen=True)
class JavaScript:
    """program: "node", "deno" or "bun"."""

    program: str
    path: str
    version: str
    reads_openssls: bool = False

    @property
    def kind(self) -> str:
        return "node-openssl" if self.reads_openssls else self.program

    @property
    def name(self) -> str:
        return _NAMES[self.program]

    def prove(self, target: Target, runner: Runner) -> Proof:
        env = {"NO_COLOR": "1"}
        options: tuple[str, ...] = ()
        if self.program == "deno":
            # deno may connect to nothing else, and loads no configuration.
            options = ("run", "--quiet", f"--allow-net=localhost:{target.port}")
            options += ("--no-prompt", "--no-config")
            env |= {"DENO_DIR": ".deno", "DENO_NO_UPDATE_CHECK": "1"}
        elif self.program == "bun":
            options = ("--no-install",)
        cause = Cause.STORE if self.reads_openssls else Cause.BUNDLE
        return programs.prove(
            runner, target, (self.path, *options, "echo.mjs"), "echo.mjs", cause, env=env
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[JavaScript]:
    paths = {program: runner.which(program) for program in _NAMES}
    return [
        JavaScript(
            program,
            path,
            processes.version(runner, path, "--version"),
            program == "node" and _reads_openssls(path, runner),
        )
        for program, path in paths.items()
        if path
    ]


def _reads_openssls(path: str, runner: Runner) -> bool:
    try:
        return runner.look(path, "-p", _LOOK).out.strip() == "true"
    except CommandError:
        return False
