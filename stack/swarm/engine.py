"""Asks the docker command about a Swarm, and explains what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from certs.dotenv import CHECKOUT
from stack.base import StackError

# Of Docker's own command. A node that is down makes some questions wait.
_ANSWERS = 60.0


@dataclass(frozen=True)
class Node:
    name: str
    status: str  # Ready, Down, Unknown, in Docker's words
    manager: str  # Leader, Reachable, Unreachable; empty for a worker

    @property
    def is_up(self) -> bool:
        return self.status == "Ready" and self.manager != "Unreachable"


class Engine:
    """A manager of the Swarm: the engine that DOCKER_HOST or docker's context names."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)

    def output(self, *arguments: str, given: bytes | None = None, seconds: float = _ANSWERS) -> str:
        """What the docker command prints. Raises StackError with its last line."""
        command = ["docker", *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=CHECKOUT,
                env=self._env,
                input=given,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except FileNotFoundError:
            raise StackError(
                "no docker command was found. Install Docker's: "
                "https://docs.docker.com/engine/install/"
            ) from None
        except subprocess.TimeoutExpired:
            raise StackError(
                f"`{' '.join(command)}` did not answer within {seconds:.0f} seconds. Does the "
                "manager run? See: docker node ls"
            ) from None
        if done.returncode != 0:
            raise StackError(_explain(arguments, done.stderr.decode(errors="replace").strip()))
        return done.stdout.decode(errors="replace")

    def show(self, *arguments: str, seconds: float | None = None, to: TextIO | None = None) -> None:
        """Prints what the docker command prints, to standard output if to is None. Raises
        StackError, and TimeoutError."""
        sys.stdout.flush()
        try:
            done = subprocess.run(
                ["docker", *arguments],
                cwd=CHECKOUT,
                env=self._env,
                stdout=to,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        if done.returncode != 0:
            raise StackError(
                f"`docker {' '.join(arguments)}` failed (exit {done.returncode}), see above"
            )

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Of a docker command that lists."""
        lines = self.output(*arguments, "--format", "{{json .}}").splitlines()
        return [json.loads(line) for line in lines]

    def check(self) -> list[Node]:
        """The nodes. Raises StackError if this engine is no manager of a Swarm that works."""
        known = json.loads(self.output("info", "--format", "{{json .Swarm}}") or "{}")
        state = known.get("LocalNodeState", "")
        if state == "locked":
            raise StackError(
                "this node is locked, since its engine was restarted. Unlock it: "
                "docker swarm unlock"
            )
        if state != "active":
            raise StackError(
                f"this engine is in no swarm ({state or 'unknown'}). Make one of this machine: "
                "docker swarm init. Or name a manager of the one that you have: "
                "DOCKER_HOST=ssh://user@manager make swarm-deploy"
            )
        if not known.get("ControlAvailable"):
            managers = [
                peer["Addr"].rpartition(":")[0] for peer in known.get("RemoteManagers") or []
            ]
            raise StackError(
                "this engine is a worker of its swarm, and only a manager takes commands. Name "
                f"one: DOCKER_HOST=ssh://user@{(managers or ['manager'])[0]} make swarm-deploy"
            )
        return [
            Node(row["Hostname"], row["Status"], row["ManagerStatus"])
            for row in self.rows("node", "ls")
        ]


def _explain(arguments: tuple[str, ...], said: str) -> str:
    command = f"docker {' '.join(arguments[:3])}"
    if "does not have a leader" in said:
        return (
            "the swarm has no leader: more than half of its managers must answer, and they do "
            "not. Start those that are down. If they are gone for good, on a manager that is "
            "left: docker swarm init --force-new-cluster"
        )
    if "Cannot connect to the Docker daemon" in said or "error during connect" in said:
        return f"no engine answers: {said.splitlines()[0]} Start it, or name another: DOCKER_HOST"
    return f"`{command}`: {said.splitlines()[-1] if said else 'it failed, and said nothing'}"
