"""The services of a stack on a Swarm, and waiting for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stack.base import StackError
from stack.swarm.engine import Engine

# Of a deployment: images are pulled, and each node is updated after the other.
_DEADLINE = 600.0
_LABEL = "com.docker.stack.namespace"


@dataclass(frozen=True)
class Service:
    name: str
    running: int
    desired: int
    update: str  # of its last update, in Docker's words: completed, rollback_completed
    update_began: str
    secret: str  # the first that its containers have; or empty
    previous_secret: str

    @property
    def is_whole(self) -> bool:
        return self.running == self.desired


def look(stack: str, engine: Engine) -> dict[str, Service]:
    """By their names; empty where the Swarm has no such stack."""
    rows = engine.rows("service", "ls", "--filter", f"label={_LABEL}={stack}")
    if not rows:
        return {}
    counts = {row["Name"]: row["Replicas"] for row in rows}
    found = json.loads(engine.output("service", "inspect", *counts))
    return {one["Spec"]["Name"]: read(one, counts[one["Spec"]["Name"]]) for one in found}


def read(inspected: Mapping[str, Any], replicas: str) -> Service:
    """Of `docker service inspect`; replicas: of `docker service ls`, as 2/3."""
    running, desired = replicas.split()[0].split("/")
    update = inspected.get("UpdateStatus") or {}
    return Service(
        name=inspected["Spec"]["Name"],
        running=int(running),
        desired=int(desired),
        update=update.get("State", ""),
        update_began=update.get("StartedAt", ""),
        secret=_secret(inspected["Spec"]),
        previous_secret=_secret(inspected.get("PreviousSpec") or {}),
    )


def _secret(spec: Mapping[str, Any]) -> str:
    secrets = spec.get("TaskTemplate", {}).get("ContainerSpec", {}).get("Secrets") or []
    return next((secret["SecretName"] for secret in secrets), "")


def environment(service: str, engine: Engine) -> dict[str, str]:
    """Of its containers."""
    path = "{{json .Spec.TaskTemplate.ContainerSpec.Env}}"
    lines = json.loads(engine.output("service", "inspect", "--format", path, service)) or []
    return dict(line.split("=", 1) for line in lines)


def wait(
    stack: str, engine: Engine, before: Mapping[str, Service], command: tuple[str, ...]
) -> None:
    """Runs a docker command that waits for the services. Raises StackError if it does not end,
    and if an update was rolled back, of which docker's exit status says nothing.

    before: the services when the command begins.
    """
    try:
        engine.show(*command, seconds=_DEADLINE)
    except TimeoutError:
        why = f"not all replicas run after {_DEADLINE:.0f} s"
    else:
        why = "; ".join(rolled_back(before, look(stack, engine)))
    if why:
        raise StackError("\n".join([why, *task_errors(stack, engine), "More: make swarm-status"]))


def rolled_back(before: Mapping[str, Service], after: Mapping[str, Service]) -> list[str]:
    """In words: the services whose update failed since then."""
    return [
        f"the update of {name} failed, and the Swarm took it back ({service.update})"
        for name, service in after.items()
        if service.update.startswith(("rollback", "paused"))
        and (name not in before or before[name].update_began != service.update_began)
    ]


def problems(found: Iterable[Service]) -> list[str]:
    """In words: what keeps the stack from being whole."""
    return [
        f"{service.name}: {service.running} of {service.desired} replicas run"
        for service in found
        if not service.is_whole
    ]


def task_errors(stack: str, engine: Engine) -> list[str]:
    """The last errors of replicas, once each."""
    flags = ("--no-trunc", "--format", "{{.Name}} on {{.Node}}: {{.Error}}")
    lines = engine.output("stack", "ps", *flags, stack).splitlines()
    return list(dict.fromkeys(line for line in lines if not line.endswith(": ")))[:5]
