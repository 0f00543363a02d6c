"""The stack on a Swarm of three engines (tests/support/engines.py)."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from certs import ca_home
from certs.dotenv import CHECKOUT
from stack import asking
from tests.support.engines import OUTSIDE, Engine, engines, join
from tests.support.registry import registry

NAME = "wss-stack"
PORT = 8443


@dataclass(frozen=True)
class Swarm:
    engines: list[Engine]
    folder: Path
    registry: str  # as the nodes know it
    pushed_to: str  # the same one, as this machine's engine knows it

    @property
    def manager(self) -> Engine:
        return self.engines[0]

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts the minted root alone."""
        return asking.context(self.folder / "ca" / ca_home.ROOT)

    def run(self, command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """What `make swarm-COMMAND` runs, for this manager."""
        own = {
            "CA_HOME": str(self.folder / "ca"),
            "STATE_DIR": str(self.folder / "run"),
            "REGISTRY": self.registry,
            "DOCKER_HOST": self.manager.host,
        }
        return _python(command, {**own, **settings})

    def done(self, command: str, **settings: str) -> str:
        """What it prints. Raises AssertionError where it fails."""
        done = self.run(command, **settings)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def push(self, **settings: str) -> None:
        """Builds the images with this machine's engine, and puts them into the registry."""
        done = _python("images", {"REGISTRY": self.pushed_to, **settings})
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"

    def service(self, name: str, path: str) -> str:
        """A value of `docker service inspect`."""
        return self.manager.docker("service", "inspect", "--format", path, f"{NAME}_{name}")


def _python(command: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stack.swarm", command],
        cwd=CHECKOUT,
        env={**os.environ, "COMPOSE_PROGRESS": "quiet", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def swarm(folder: Path) -> Iterator[Swarm]:
    """Three managers; nothing is deployed. folder: a short path."""
    with contextlib.ExitStack() as stack:
        found = stack.enter_context(engines(3, folder))
        pushed_to = stack.enter_context(registry(folder))
        seen_as = stack.enter_context(registry(folder, OUTSIDE))
        join(found)
        yield Swarm(found, folder, seen_as, pushed_to)
