"""The stack in Docker: a thin layer over `docker compose`."""

from __future__ import annotations

import contextlib
import functools
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

from certs import files, lan
from certs.dotenv import CHECKOUT
from certs.errors import UnreadableFileError
from stack import base_images, containers, nginx_versions, ports, project, ready
from stack.base import SERVICES, Service, StackError
from stack.settings import Settings

log = logging.getLogger(__name__)

# docker-compose.yml needs start_interval in health checks, and ${A:-${B:-c}}.
OLDEST_ENGINE = (25, 0)
OLDEST_COMPOSE = (2, 24)
_LOG_LINES = "20"


@functools.cache
def why_unavailable() -> str | None:
    """The reason why Docker cannot be used, in words; None if it can."""
    engine = ["docker", "version", "--format", "{{.Server.Version}}"]
    compose = ["docker", "compose", "version", "--short"]
    # Both at once, for a fast `make down`: clients wait for their Close frames.
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


class Docker:
    """See stack.base.Stack."""

    mode = "docker"

    def __init__(self, settings: Settings, *, pull: bool = False) -> None:
        self._settings = settings
        self._pull = pull  # pull newer base images now, not only once a week
        self._env = {
            **os.environ,
            **settings.env,
            **project.needed(settings.env),
            # For the root's name: a container does not know the host's name.
            "HOSTNAME": settings.env.get("HOSTNAME", socket.gethostname()),
            # With this machine's address on the network, which a container does not know.
            "HOSTS": " ".join(
                [settings.env.get("HOSTS", ""), *lan.hosts(settings.endpoint.bind)]
            ).strip(),
            "SITES": " ".join(f"{site.host}={site.upstream}" for site in settings.sites),
            "APP_DIR": str(settings.app_dir),
            "ACME_WEBROOT": str(settings.acme_webroot or ""),
            "BIND": settings.endpoint.bind_before_port,
            **({"CERT_DIR": str(own.to_mount())} if (own := settings.certs.own) else {}),
        }

    def may_run(self) -> bool:
        """Whether running() is worth its time: one quick question in the place of five. False
        if no container on this machine can be of this checkout."""
        return containers.may_be_there(project.name(self._env), CHECKOUT, self._env)

    def running(self) -> bool:
        return bool(self._output("ps", "--all", "--quiet").strip()) and not self._owner

    def up(self) -> bool:
        # Here, because they import cryptography, which only `make up` needs.
        from certs import nginx_values, own_leaf

        nginx_values.in_docker(self._settings.certs)  # raises SettingError
        _, wrong = own_leaf.look(self._settings.certs)
        # The certs process is root, and may read what this user may not.
        if wrong and not isinstance(wrong, UnreadableFileError):
            raise wrong
        before = self._containers()
        if owner := self._owner:
            name = project.derived(CHECKOUT.name) or "wss-stack"
            raise StackError(
                "the containers of this Compose project belong to another checkout, in a folder "
                f"of the same name: {owner}. Give this one a project name of its own: put "
                f"COMPOSE_PROJECT_NAME={name}-2 into {CHECKOUT / '.env'}"
            )
        ports.check(self._settings, ours=self._published() if before else (), as_root=True)
        try:
            # Made here, so that the user owns it: the daemon makes missing
            # folders as root.
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
        listed = self._output("ps", "--all", "--format", "json").splitlines()
        infos = [json.loads(line) for line in listed]
        found = containers.services(infos, self._settings.app.memory, self._env)
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
        """The other checkout that has this Compose project; empty if there is none. Docker is
        asked once, for a fast `make down`."""
        ids = self._output("ps", "--all", "--quiet").split()
        if not ids:
            return ""
        label = '{{index .Config.Labels "com.docker.compose.project.working_dir"}}'
        done = subprocess.run(
            ["docker", "inspect", "--format", label, *ids],
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
        """The addresses and ports of this machine that the stack has."""
        found = set()
        for line in self._output("ps", "--format", "json").splitlines():
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
        # The environment has all of .env already, COMPOSE_PROJECT_NAME too. Compose must
        # not read .env again: with a line that Compose refuses, `make down` would fail.
        own = ("--project-directory", str(CHECKOUT), "--env-file", os.devnull)
        return ["docker", "compose", *own, *arguments]
