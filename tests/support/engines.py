"""Docker engines on one machine, each as if on a machine of its own, on one network.

Each has its own namespaces for network, mounts, processes and host name, and its own folder. Their
network is a bridge in a namespace of its own: on the machine's, its engine's firewall rules would
drop their packets. One end of a cable reaches out of it, to this process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import until

_NODE = Path(__file__).parent.parent / "programs" / "swarm_node.sh"
_PROGRAMS = ("dockerd", "containerd", "runc", "tini", "ip", "iptables", "nsenter", "unshare")
# Of three groups of addresses for documentation (RFC 5737), one that no machine has a route to.
_NETWORK = "198.51.100"
OUTSIDE = f"{_NETWORK}.254"  # this machine, for the engines
_CGROUPS = Path("/sys/fs/cgroup")


class Engine:
    """One engine, on a machine of its own."""

    def __init__(self, network: str, number: int, folder: Path) -> None:
        self.name = f"n{number}"
        self.address = f"{_NETWORK}.{number}"
        self.folder = folder / self.name
        self._namespace = f"{network}-{self.name}"
        self._network = network
        self._number = number
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{self.folder}/docker.sock"

    def plug_in(self) -> None:
        """Its cable to the bridge."""
        _run("ip", "netns", "add", self._namespace)
        peer = ("peer", "name", self.name, "netns", self._network)
        _run("ip", "link", "add", "eth0", "netns", self._namespace, "type", "veth", *peer)
        _run("ip", "-n", self._network, "link", "set", self.name, "up", "master", "bridge")
        _run("ip", "-n", self._namespace, "address", "add", f"{self.address}/24", "dev", "eth0")
        _run("ip", "-n", self._namespace, "link", "set", "lo", "up")
        _run("ip", "-n", self._namespace, "link", "set", "eth0", "up")
        _run("ip", "-n", self._namespace, "route", "add", "default", "via", OUTSIDE)

    def start(self) -> None:
        """Returns at once; answers() tells when it is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _run("ip", "-n", self._network, "link", "set", self.name, "up")
        (self.folder / "docker.sock").unlink(missing_ok=True)
        own = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
        command = [
            # Not `ip netns exec`, which hides the cgroups.
            *("nsenter", f"--net=/run/netns/{self._namespace}", *own),
            *(str(_NODE), self.name, str(self.folder)),
            *("--cgroup-parent", f"/{self._network}/{self.name}"),
            *("--bip", f"172.30.{self._number}.1/24"),
            "--no-new-privileges",
            # Without systemd, whose files in /run the engine does not see.
            *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            *("--insecure-registry", f"{_NETWORK}.0/24"),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        process = self._process
        assert process, f"{self.name} was not started"
        if process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text()[-2000:])
        return bool(self.docker("version", "--format", "{{.Server.Version}}"))

    def docker(self, *arguments: str, seconds: float = 60.0) -> str:
        """What the docker command prints. Raises AssertionError where it fails."""
        done = subprocess.run(
            ["docker", *arguments],
            env={**os.environ, "DOCKER_HOST": self.host},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def crash(self) -> None:
        """All its processes end at once; the machine's kernel goes on, and closes their
        connections."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def lose_power(self) -> None:
        """Nobody hears from it again."""
        _run("ip", "-n", self._network, "link", "set", self.name, "down")
        self.crash()

    def unplug(self) -> None:
        self.crash()
        _run("ip", "netns", "delete", self._namespace)


@contextlib.contextmanager
def engines(count: int, folder: Path) -> Iterator[list[Engine]]:
    """So many, started, and removed with all that they made. folder: a short path, because each
    has a socket there."""
    if os.getuid() != 0:
        pytest.skip("needs root, for engines in namespaces of their own")
    for program in _PROGRAMS:
        if not shutil.which(program):
            pytest.skip(f"needs {program}")
    network = f"wss{os.getpid()}"
    found = [Engine(network, number, folder) for number in range(1, count + 1)]
    with contextlib.ExitStack() as stack:
        stack.callback(_remove_cgroups, network)
        stack.callback(_run, "ip", "netns", "delete", network)
        _run("ip", "netns", "add", network)
        _run("ip", "-n", network, "link", "add", "bridge", "type", "bridge")
        _run("ip", "-n", network, "link", "set", "bridge", "up")
        # The end out here goes with the one in the namespace.
        _run("ip", "link", "add", network, "type", "veth", "peer", "name", "out", "netns", network)
        _run("ip", "-n", network, "link", "set", "out", "up", "master", "bridge")
        _run("ip", "address", "add", f"{OUTSIDE}/24", "dev", network)
        _run("ip", "link", "set", network, "up")
        for engine in found:
            stack.callback(engine.unplug)
            engine.plug_in()
            engine.start()
        for engine in found:
            until(engine.answers, f"the engine {engine.name}", 60)
        yield found


def join(found: list[Engine], heartbeat: str = "5s") -> None:
    """Makes one Swarm of them, all managers. heartbeat: a node that misses three is down; Docker's
    default."""
    first, *others = found
    pool = ("--default-addr-pool", "10.213.0.0/16")
    beat = ("--dispatcher-heartbeat", heartbeat)
    first.docker("swarm", "init", "--advertise-addr", first.address, *pool, *beat)
    token = first.docker("swarm", "join-token", "--quiet", "manager")
    for engine in others:
        engine.docker("swarm", "join", "--token", token, f"{first.address}:2377")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def _remove_cgroups(name: str) -> None:
    """Those of containers that were killed stay, and can go when the last process has."""

    def gone() -> bool:
        for top in (*_CGROUPS.glob(f"*/{name}"), *_CGROUPS.glob(name)):
            for path in sorted([top, *(p for p in top.rglob("*") if p.is_dir())], reverse=True):
                path.rmdir()
        return True

    until(gone, f"the end of all processes in {name}")
