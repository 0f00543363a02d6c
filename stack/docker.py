"""The stack in Docker: a thin layer over `docker compose`."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from certs import files, lan, nginx_values
from certs.dotenv import CHECKOUT
from stack import base_images, nginx_versions, out_of_memory, ports, ready
from stack.base import SERVICES, Service, StackError
from stack.settings import Settings

log = logging.getLogger(__name__)

# start_interval of a health check; the ${A:-${B:-c}} that docker-compose.yml has.
OLDEST_ENGINE = (25, 0)
OLDEST_COMPOSE = (2, 24)
_LOG_LINES = "20"


@functools.cache
def why_unavailable() -> str | None:
    """Why there is no Docker to use, in words; None when there is."""
    engine = ["docker", "version", "--format", "{{.Server.Version}}"]
    compose = ["docker", "compose", "version", "--short"]
    # Both at once: clients wait for their Close frames while `make down` asks.
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(_why_unusable, engine, OLDEST_ENGINE, "Docker Engine"),
            pool.submit(_why_unusable, compose, OLDEST_COMPOSE, "Docker Compose"),
        ]
    return next((why for answer in asked if (why := answer.result())), None)


def _why_unusable(command: list[str], oldest: tuple[int, int], what: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
    except FileNotFoundError:
        return "no docker command was found"
    except subprocess.TimeoutExpired:
        return f"`{' '.join(command)}` did not answer within 15 seconds"
    version = re.match(r"v?(\d+)\.(\d+)", done.stdout.strip())
    if done.returncode != 0 or not version:
        said = (done.stderr.strip() or "it said nothing").splitlines()[0]
        return f"{what} does not answer: {said}"
    if tuple(map(int, version.groups())) < oldest:
        wanted = ".".join(map(str, oldest))
        return f"{what} is {done.stdout.strip()}; {wanted} or newer is needed"
    return None


def compose_name(folder: str) -> str:
    """What Compose makes of a folder's name, for its project's."""
    return re.sub(r"[^-_a-z0-9]", "", folder.lower()).lstrip("-_")


def _project(settings: Settings) -> dict[str, str]:
    """A name for the project of a checkout in a folder such as `проект`: Compose has none."""
    if settings.env.get("COMPOSE_PROJECT_NAME") or compose_name(CHECKOUT.name):
        return {}
    mark = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return {"COMPOSE_PROJECT_NAME": f"wss-stack-{mark}"}


class Docker:
    """See stack.base.Stack."""

    mode = "docker"

    def __init__(self, settings: Settings, *, pull: bool = False) -> None:
        self._settings = settings
        self._pull = pull  # newer base images, however short ago it was done
        self._env = {
            **os.environ,
            **settings.env,
            **_project(settings),
            # For the root's name: inside the container nobody knows the host's.
            "HOSTNAME": settings.env.get("HOSTNAME", socket.gethostname()),
            # With what only this machine knows: its own address on the network.
            "HOSTS": " ".join(
                [settings.env.get("HOSTS", ""), *lan.hosts(settings.endpoint.bind)]
            ).strip(),
            "SITES": " ".join(f"{site.host}={site.upstream}" for site in settings.sites),
            "APP_DIR": str(settings.app_dir),
            "BIND": settings.endpoint.bind_before_port,
        }

    def running(self) -> bool:
        return bool(self._output("ps", "--all", "--quiet").strip()) and not self._owner

    def up(self) -> bool:
        nginx_values.in_docker(self._settings.certs)  # raises SettingError
        before = self._containers()
        if owner := self._owner:
            name = compose_name(CHECKOUT.name) or "wss-stack"
            raise StackError(
                "the containers of this Compose project belong to another checkout, in a folder "
                f"of the same name: {owner}. Give this one a project name of its own: put "
                f"COMPOSE_PROJECT_NAME={name}-2 into {CHECKOUT / '.env'}"
            )
        ports.check(self._settings, ours=self._published() if before else (), as_root=True)
        try:
            # Made here, so that it is the user's: the daemon would make its
            # missing parents as root.
            files.make_folder(self._settings.certs.ca_home, 0o755)
        except OSError as error:
            raise StackError(
                f"CA_HOME {self._settings.certs.ca_home} cannot be made: {error}"
            ) from error
        base_images.refresh(self._settings.state_dir, forced=self._pull)
        without = ["--scale", "app=0"] if self._settings.upstream else []
        log.info("building and starting certs, %sand nginx", "" if without else "app ")
        try:
            self._run("up", "--detach", "--wait", "--build", "--remove-orphans", *without)
            ready.wait(self._settings, lambda: None)
        except KeyboardInterrupt:
            if not before:
                self._run("down", "--remove-orphans")
            raise
        except ready.SilentUpstreamError:
            raise
        except StackError as error:
            words = self._last_words()
            if not before:
                self._run("down", "--remove-orphans")
            raise StackError(f"{error}\n{words}") from error
        return self._containers() != before

    def down(self) -> None:
        if not self._owner:
            self._run("down", "--remove-orphans")

    def restart(self, service: str) -> None:
        # With nginx the app too, at once: all its WebSockets end, and nginx cannot tell them.
        too = ["app"] if service == "nginx" and not self._settings.upstream else []
        self._run("restart", service, *too)
        ready.wait(self._settings, lambda: None, known_app=False)

    def status(self) -> list[Service]:
        found = []
        listed = self._output("ps", "--all", "--format", "json").splitlines()
        infos = [json.loads(line) for line in listed]
        ended = out_of_memory.services(infos[0]["Project"], self._env) if infos else set()
        for info in infos:
            # Ours all have a health check; a service of the user's own may have none.
            ok = (info.get("Health") or info["State"]) in ("healthy", "running")
            name, state = info["Service"], info["Status"]
            if name in ended:
                state = f"{state}; {out_of_memory.advice(name, self._settings.app.memory)}"
            found.append(Service(name, ok, state, info.get("Health") == "starting"))
        if version := self.nginx():
            found = [
                replace(service, state=f"{service.state}; {version}")
                if service.name == "nginx"
                else service
                for service in found
            ]
        # A Compose file of the user's may add services.
        order = {name: place for place, name in enumerate(SERVICES)}
        return sorted(found, key=lambda service: order.get(service.name, len(order)))

    def nginx(self) -> str:
        try:
            told = self._output("exec", "-T", "nginx", "sh", "-c", "nginx -v 2>&1")
        except StackError:  # it does not run
            return ""
        version = nginx_versions.parse(told)
        if not version:
            return ""
        if not version.holes:
            return f"{version} (in Docker)"
        stand_in = base_images.stand_in(base_images.names()["NGINX_IMAGE"])
        newer = f"a stand-in of {stand_in}" if stand_in else "for a newer one: make up PULL=1"
        return f"{version} (in Docker), behind {version.wanted}; {newer}"

    def logs(self, *, follow: bool) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            self._run("logs", "--tail", "100", *(["--follow"] if follow else []), to=None)

    def written(self, service: str) -> list[str]:
        return self._output("logs", "--no-color", "--no-log-prefix", service).splitlines()

    @functools.cached_property
    def _owner(self) -> str:
        """The other checkout that has this Compose project; empty where none has. Asked
        once: `make down` is awaited by clients."""
        containers = self._output("ps", "--all", "--quiet").split()
        if not containers:
            return ""
        label = '{{index .Config.Labels "com.docker.compose.project.working_dir"}}'
        done = subprocess.run(
            ["docker", "inspect", "--format", label, *containers],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        for folder in map(Path, filter(None, done.stdout.splitlines())):
            # A checkout that was moved still owns its containers.
            if (folder / "docker-compose.yml").exists() and folder.resolve() != CHECKOUT:
                return str(folder)
        return ""

    def _published(self) -> set[tuple[str, int]]:
        """What our nginx holds on this machine."""
        found = set()
        for line in self._output("ps", "--format", "json", "nginx").splitlines():
            for port in json.loads(line).get("Publishers") or []:
                found.add((str(port["URL"]), int(port["PublishedPort"])))
        return found

    def _containers(self) -> str:
        return self._output("ps", "--quiet")

    def _last_words(self) -> str:
        return self._output("logs", "--no-color", "--tail", _LOG_LINES).strip()

    def _run(self, *arguments: str, to: TextIO | None = sys.stderr) -> None:
        done = subprocess.run(
            self._command(*arguments), cwd=CHECKOUT, env=self._env, stdout=to, check=False
        )
        if done.returncode != 0:
            raise StackError(
                f"`docker compose {' '.join(arguments)}` failed (exit {done.returncode}), see above"
            )

    def _output(self, *arguments: str) -> str:
        done = subprocess.run(
            self._command(*arguments),
            cwd=CHECKOUT,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"`docker compose {' '.join(arguments)}`: {done.stderr.strip()}")
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        # .env is in the environment already, COMPOSE_PROJECT_NAME and the like too.
        # Compose must not read it again: a line it refuses would keep all from stopping.
        own = ("--project-directory", str(CHECKOUT), "--env-file", os.devnull)
        return ["docker", "compose", *own, *arguments]
