"""Contenders in turn, A B A B: what slows the machine for a while slows all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import psutil

from bench.contenders import Contender
from bench.errors import LoadError

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Taken(Generic[T]):
    """By the contender's name: its rounds, or why it has none."""

    found: dict[str, list[T]]
    failed: dict[str, str]

    def of(self, name: str) -> list[T]:
        """The rounds; none for a contender that failed in one of them."""
        return [] if name in self.failed else self.found[name]


def take(
    contenders: Sequence[Contender], rounds: int, once: Callable[[Contender], T], what: str
) -> Taken[T]:
    """once: measures a contender, and raises LoadError where that fails."""
    found: dict[str, list[T]] = {one.name: [] for one in contenders}
    failed = {one.name: one.missing for one in contenders if one.missing}
    for _ in range(rounds):
        for contender in contenders:
            if contender.name in failed:
                continue
            try:
                found[contender.name].append(once(contender))
            except (LoadError, OSError, psutil.Error) as error:
                log.warning("%s fails at %s: %s", contender.name, what, error)
                failed[contender.name] = str(error) or type(error).__name__
    return Taken(found, failed)
