"""Node: it brings a bundle, which NODE_EXTRA_CA_CERTS adds to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from certs.clients import processes, programs
from certs.clients.base import IN_THE_ENVIRONMENT, Proof, Target
from certs.clients.javascript import FILE, PROGRAM
from certs.commands import Runner


@dataclass(frozen=True)
class Node:
    path: str
    version: str
    kind: str = "node"
    name: str = "Node"

    def prove(self, target: Target, runner: Runner) -> Proof:
        return programs.prove(runner, target, (self.path, FILE), FILE, PROGRAM, IN_THE_ENVIRONMENT)


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Node]:
    path = runner.which("node")
    return [Node(path, processes.version(runner, path, "--version"))] if path else []
