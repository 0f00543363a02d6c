"""The services of a stack on a Swarm, and waiting for them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stack.base import StackError
from stack.swarm import versioned
from stack.swarm.engine import Engine

# Of a deployment: images are pulled, and each node is updated after the other.
_DEADLINE = 600.0


@dataclass(frozen=True)
class Service:
    name: str
    running: int
    desired: int
    update: str  # of its last update, in Docker's words: completed, rollback_completed
    update_began: str
    leaf: str  # the secret that its containers have; or empty
    uses: frozenset[str]  # secrets and configs, now or after a rollback, by their names

    @property
    def is_whole(self) -> bool:
        return self.running == self.desired


def look(stack: str, engine: Engine) -> dict[str, Service]:
    """By their names; empty where the Swarm has no such stack."""
    rows = engine.rows("service", "ls", "--filter", f"label={versioned.STACK}={stack}")
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
        leaf=next(iter(_handed_over(inspected["Spec"], "Secret")), ""),
        uses=frozenset(
            name
            for spec in (inspected["Spec"], inspected.get("PreviousSpec") or {})
            for kind in ("Secret", "Config")
            for name in _handed_over(spec, kind)
        ),
    )


def _handed_over(spec: Mapping[str, Any], kind: str) -> list[str]:
    """The names of the secrets or configs in a service's specification."""
    container = spec.get("TaskTemplate", {}).get("ContainerSpec", {})
    return [one[f"{kind}Name"] for one in container.get(f"{kind}s") or []]


def wait(
    stack: str, engine: Engine, before: Mapping[str, Service], command: tuple[str, ...]
) -> None:
    """Runs a docker command that waits for the services. Raises StackError if it does not end,
    and if an update was rolled back, of which docker's exit status says nothing.

    before: the services when the command begins.
    """
    try:
        engine.show(*command, seconds=_DEADLINE, to=sys.stderr)
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
