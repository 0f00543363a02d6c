"""The stack in Docker, under a project name of its own: `docker compose` as a user types it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.ours import LIMITS, Home, tls_library
from bench.programs import MissingError, Tree, free_port
from certs import all_settings
from certs.dotenv import CHECKOUT
from stack import docker, nginx_versions

log = logging.getLogger(__name__)

_BUILD = 240.0  # seconds, where nothing is cached
_UP = 60.0
SERVICES = ("certs", "app", "nginx")


@dataclass(frozen=True)
class Running:
    url: str
    version: str
    nginx: Tree
    app: Tree


class Containers:
    """Of one run. why: the reason why there are none; empty where an engine answers."""

    def __init__(self, home: Home, *, wanted: bool) -> None:
        self._https, self._http = free_port(), free_port()
        self._project = f"wss-bench-{os.getpid()}"
        # Empty values count as unset, and come before those of a .env file.
        self._env = {
            **os.environ,
            **dict.fromkeys(all_settings.NAMES, ""),
            **LIMITS,
            "HOME": str(home.folder),
            "CA_HOME": str(home.folder / "ca"),
            "COMPOSE_PROJECT_NAME": self._project,
            "HTTPS_PORT": str(self._https),
            "HTTP_PORT": str(self._http),
        }
        self._running: Running | None = None
        self.why = _why_not() if wanted else "the short form leaves Docker out"
        self._failed = ""
        self._is_built = False

    def build(self) -> None:
        """The images, once: where that failed, it is not tried again. Raises MissingError."""
        if self.why or self._failed:
            raise MissingError(self.why or self._failed)
        if not self._is_built:
            log.info("docker compose build")
            try:
                self.compose("build", "--quiet", seconds=_BUILD)
            except MissingError as error:
                self._failed = str(error)
                raise
            self._is_built = True

    def up(self) -> Running:
        """The stack, which stays up until stop. Raises MissingError."""
        if not self._running:
            self.build()
            self.compose("up", "--detach", "--wait", seconds=_UP)
            self._running = self._look()
        return self._running

    def down(self) -> None:
        """What was measured once is old: up starts other containers. Raises MissingError."""
        if self._running:
            self._running = None
            self.compose("down")

    def stop(self) -> None:
        """Leaves nothing behind but the cache of the images' build."""
        if not self.why:
            try:
                self.compose("down", "--volumes", "--rmi", "local", seconds=_UP)
            except MissingError as error:
                log.warning("%s", error)

    def compose(
        self, *arguments: str, seconds: float = _UP, env: Mapping[str, str] | None = None
    ) -> str:
        """Returns what it printed. Raises MissingError."""
        return _run(["docker", "compose", *arguments], {**self._env, **(env or {})}, seconds)

    def sizes(self) -> dict[str, float]:
        """MiB of each service's image. Raises MissingError."""
        self.build()
        found = {}
        for service in SERVICES:
            image = f"{self._project}-{service}"
            printed = _run(
                ["docker", "image", "inspect", "--format", "{{.Size}}", image], self._env, _UP
            )
            found[service] = int(printed) / 2**20
        return found

    @property
    def url(self) -> str:
        return f"wss://localhost:{self._https}"

    def _look(self) -> Running:
        build = _run(["docker", "exec", self._container("nginx"), "nginx", "-V"], self._env, _UP)
        proxies = [self._pid("nginx"), *_port_forwarders(self._https)]
        version = f"nginx {nginx_versions.parse(build)}, {tls_library(build)}"
        try:
            return Running(self.url, version, Tree(*proxies), Tree(self._pid("app")))
        except psutil.NoSuchProcess as error:
            raise MissingError(
                f"the engine's processes are not this machine's: there is no {error.pid}"
            ) from error

    def _container(self, service: str) -> str:
        return self.compose("ps", "--quiet", service).strip()

    def _pid(self, service: str) -> int:
        container = self._container(service)
        return int(_run(["docker", "inspect", "-f", "{{.State.Pid}}", container], self._env, _UP))


def _why_not() -> str:
    if sys.platform != "linux":
        return "an engine has its processes in another machine: their CPU is not to be seen"
    why = docker.why_unavailable()
    return f"no Docker engine: {why}" if why else ""


def _port_forwarders(port: int) -> list[int]:
    """The engine's processes that forward a port of the loopback: a part of the way, and of
    the cost."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        if words and Path(words[0]).name == "docker-proxy" and str(port) in words:
            found.append(process.info["pid"])
    return found


def _run(command: list[str], env: Mapping[str, str], seconds: float) -> str:
    """Raises MissingError."""
    try:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MissingError(f"{' '.join(command)} took more than {seconds:.0f} s") from error
    if done.returncode != 0:
        raise MissingError(f"{' '.join(command)} failed: {done.stdout.strip()[-300:]}")
    return done.stdout
