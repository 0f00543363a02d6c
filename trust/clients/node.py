"""Node: it brings a bundle, which NODE_EXTRA_CA_CERTS adds to; Debian's has none, and
reads OpenSSL's store, which is the system's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.clients.javascript import FILE, PROGRAM
from trust.commands import CommandError, Runner

# Debian configures it with --openssl-use-def-ca-store, which defines this.
_LOOK = "process.config.target_defaults.defines.includes('NODE_OPENSSL_CERT_STORE')"


@dataclass(frozen=True)
class Node:
    path: str
    version: str
    kind: str = "node"  # or "node-openssl", which reads OpenSSL's store
    name: str = "Node"

    def prove(self, target: Target, runner: Runner) -> Proof:
        cause = Cause.STORE if self.kind == "node-openssl" else Cause.BUNDLE
        return programs.prove(runner, target, (self.path, FILE), FILE, PROGRAM, cause)


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Node]:
    path = runner.which("node")
    if not path:
        return []
    try:
        debians = runner.look(path, "-p", _LOOK).out.strip() == "true"
    except CommandError:
        debians = False
    kind = "node-openssl" if debians else "node"
    return [Node(path, processes.version(runner, path, "--version"), kind)]
