"""The stack on a Swarm of three engines (tests/support/engines.py)."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from certs import ca_home
from certs.dotenv import CHECKOUT
from stack import asking
from tests.support.crowd import Crowd, crowd
from tests.support.engines import OUTSIDE, Engine, engines, join
from tests.support.registry import registry
from tests.support.tls import connect
from tests.support.waiting import until

NAME = "wss-stack"
PORT = 8443
# Seconds that a Swarm takes to find a node dead, and to start its replicas elsewhere.
RESCHEDULED = 90.0


@dataclass(frozen=True)
class Deployed:
    nodes: list[Engine]
    folder: Path
    registry: str  # as the nodes know it
    pushed_to: str  # the same one, as this machine's engine knows it

    @property
    def manager(self) -> Engine:
        return self.nodes[0]

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts the minted root alone."""
        return asking.context(self.folder / "ca" / ca_home.ROOT)

    def crowd(self, size: int) -> contextlib.AbstractContextManager[Crowd]:
        """So many WebSockets, through all nodes."""
        return crowd([node.address for node in self.nodes], PORT, self.tls, size)

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

    def change_app(self, tag: str, line: str) -> None:
        """Pushes an app with one more line in its Dockerfile, and nginx as it is."""
        app, nginx = (f"{self.pushed_to}/wss-stack-{name}" for name in ("app", "nginx"))
        for command, given in (
            (("build", "--quiet", "--tag", f"{app}:{tag}", "-"), f"FROM {app}\n{line}\n"),
            (("tag", nginx, f"{nginx}:{tag}"), ""),
            (("push", "--quiet", f"{app}:{tag}"), ""),
            (("push", "--quiet", f"{nginx}:{tag}"), ""),
        ):
            subprocess.run(
                ["docker", *command], input=given, text=True, capture_output=True, check=True
            )

    def replicas(self) -> Counter[str]:
        """Of the app, that run: how many on each node."""
        shown = "{{.Node}} {{.CurrentState}}"
        flags = ("--filter", "desired-state=running", "--format", shown)
        lines = self.manager.docker("service", "ps", *flags, f"{NAME}_app").splitlines()
        return Counter(line.split()[0] for line in lines if line.split()[1] == "Running")

    def update_of(self, service: str) -> str:
        """The state of its last update, in Docker's words."""
        path = "{{with .UpdateStatus}}{{.State}}{{end}}"
        return self.manager.docker("service", "inspect", "--format", path, f"{NAME}_{service}")

    def serial(self, node: Engine) -> str:
        """Of the leaf that nginx serves on this node."""
        with (
            socket.create_connection((node.address, PORT), timeout=5) as plain,
            self.tls.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            return str((connection.getpeercert() or {})["serialNumber"])

    def answers(self, node: Engine) -> bool:
        url = f"wss://localhost:{PORT}/ws"
        with connect(url, self.tls, node.address) as client:
            client.send("through")
            return client.recv(timeout=10) == "through"

    def restore(self) -> None:
        """Starts the nodes that are down; returns when each echoes and has one replica."""
        for node in self.nodes:
            if not node.is_running:
                node.start()
        for node in self.nodes:
            until(node.answers, f"the engine {node.name}", 60)
        for node in self.nodes:
            until(lambda node=node: self.answers(node), f"an echo through {node.name}", 120)  # type: ignore[misc]
        if any(count != 1 for count in self.replicas().values()) or len(self.replicas()) != 3:
            # A Swarm leaves replicas where they are when a node comes back.
            self.manager.docker(
                *("service", "update", "--quiet", "--force", "--detach=false", f"{NAME}_app"),
                seconds=180,
            )


def _python(command: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stack.swarm", command],
        cwd=CHECKOUT,
        env={**os.environ, "COMPOSE_PROGRESS": "quiet", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def _remove_images(pushed_to: str) -> None:
    """The tags that this machine's engine has for that registry."""
    asked = ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"]
    tags = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    ours = [tag for tag in tags if tag.startswith(f"{pushed_to}/")]
    subprocess.run(["docker", "rmi", *ours], capture_output=True, check=bool(ours))


@contextlib.contextmanager
def deployed(folder: Path, heartbeat: str) -> Iterator[Deployed]:
    """On three nodes, all managers. folder: a short path. heartbeat: as in engines.join."""
    with contextlib.ExitStack() as stack:
        nodes = stack.enter_context(engines(3, folder))
        pushed_to = stack.enter_context(registry(folder))
        seen_as = stack.enter_context(registry(folder, OUTSIDE))
        join(nodes, heartbeat)
        found = Deployed(nodes, folder, seen_as, pushed_to)
        stack.callback(_remove_images, pushed_to)
        found.push()
        found.done("deploy")
        yield found
