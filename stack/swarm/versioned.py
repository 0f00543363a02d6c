"""Secrets and configs of a Swarm, which cannot change: each content has a name of its own.

The name ends in a digest, so the same content is the same secret, and nothing is updated for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Literal

from stack.swarm.engine import Engine

Kind = Literal["secret", "config"]
KINDS: tuple[Kind, ...] = ("secret", "config")
# The label that `docker stack rm` goes by.
STACK = "com.docker.stack.namespace"


def create(
    kind: Kind, stack: str, what: str, data: bytes, engine: Engine, labels: Mapping[str, str]
) -> str:
    """Its name; made if the Swarm has none of this content."""
    name = f"{stack}_{what}_{hashlib.sha256(data).hexdigest()[:12]}"
    if name not in names(kind, stack, engine):
        all_labels = {STACK: stack, **labels}
        flags = [flag for pair in all_labels.items() for flag in ("--label", "=".join(pair))]
        engine.output(kind, "create", *flags, name, "-", given=data)
    return name


def names(kind: Kind, stack: str, engine: Engine) -> list[str]:
    rows = engine.rows(kind, "ls", "--filter", f"label={STACK}={stack}")
    return [row["Name"] for row in rows]


def label(kind: Kind, name: str, of: str, engine: Engine) -> str:
    path = f'{{{{index .Spec.Labels "{of}"}}}}'
    return engine.output(kind, "inspect", "--format", path, name).strip()


def remove_others(kind: Kind, stack: str, kept: Collection[str], engine: Engine) -> None:
    """kept: those that a service has, now or after its rollback."""
    for name in names(kind, stack, engine):
        if name not in kept:
            engine.output(kind, "rm", name)
