"""How each container is, from what Compose and the engine say of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack.base import Service

_SERVICE = "com.docker.compose.service"


def services(
    listed: list[dict[str, Any]], app_memory: int, env: Mapping[str, str]
) -> list[Service]:
    """listed: the objects of `docker compose ps --format json`. app_memory: APP_MEMORY, in
    bytes."""
    if not listed:
        return []
    ids = [info["ID"] for info in listed]
    counts = _ask(env, "inspect", "--format", "{{.RestartCount}}", *ids)
    over = _over_their_memory(listed[0]["Project"], env)
    found = []
    for info, count in zip(listed, counts or ["0"] * len(ids), strict=False):
        name, state = info["Service"], info["Status"]
        if name in over:
            state += f"; {_advice(name, app_memory)}"
        elif count != "0":
            state += f"; it has ended {count}x by itself and was started again; why: make logs"
        health = info.get("Health")
        if name == "app" and health == "unhealthy" and name not in over:
            # An app that hangs, or one that a save has broken: its log tells which.
            state += "; it does not answer as it should: make logs; restart it: make restart"
        # Ours all have a health check; a service of the user's own may have none.
        ok = (health or info["State"]) in ("healthy", "running")
        # What ends again and again begins as often.
        found.append(Service(name, ok, state, health == "starting" and count == "0"))
    return found


def _over_their_memory(project: str, env: Mapping[str, str]) -> set[str]:
    """The services that the kernel ended. The engine keeps its last 256 events, which health
    checks fill in some minutes; of a container that it started again it has nothing else."""
    told = _ask(
        env,
        *("events", "--since", "24h", "--until", "0s", "--filter", "event=oom"),
        *("--filter", f"label=com.docker.compose.project={project}"),
        *("--format", "{{json .Actor.Attributes}}"),
    )
    return {json.loads(line)[_SERVICE] for line in told}


def _advice(service: str, app_memory: int) -> str:
    if service != "app":
        return "it was ended for taking too much memory: make logs"
    return (
        f"it took more memory than APP_MEMORY={app_memory // 2**20}m and was ended; give it more: "
        f"APP_MEMORY={app_memory // 2**19}m make up"
    )


def _ask(env: Mapping[str, str], *arguments: str) -> list[str]:
    done = subprocess.run(
        ["docker", *arguments], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


def may_be_there(project: str, checkout: Path, env: Mapping[str, str]) -> bool:
    """Whether a container may be of this Compose project, or of this checkout under an earlier
    name; True if Docker cannot say. `docker compose ps` takes five times as long."""
    labels = ("com.docker.compose.project", "com.docker.compose.project.working_dir")
    command = ["docker", "ps", "--all", "--filter", f"label={labels[0]}", "--format"]
    command.append("\t".join(f'{{{{.Label "{label}"}}}}' for label in labels))
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=15, check=False
        )
    except FileNotFoundError:
        return False
    except subprocess.TimeoutExpired:
        return True
    found = [line.partition("\t") for line in done.stdout.splitlines()]
    return done.returncode != 0 or any(
        name == project or _is_here_or_gone(Path(folder), checkout) for name, _, folder in found
    )


def _is_here_or_gone(folder: Path, checkout: Path) -> bool:
    """Whether a project's folder is this checkout, or was before the checkout was moved."""
    return folder.resolve() == checkout or not (folder / "docker-compose.yml").exists()
