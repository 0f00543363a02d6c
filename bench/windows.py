"""The time between two looks at the machine, and what each program used in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import psutil

from bench.contenders import Contender
from bench.errors import LoadError
from bench.rows import Costs

T = TypeVar("T")


@dataclass(frozen=True)
class Window(Generic[T]):
    """What happened between two looks."""

    seconds: float
    own_cpu: float  # seconds of the load's process
    before: T
    after: T


@dataclass(frozen=True)
class Look:
    """Seconds of CPU used until now."""

    proxy: float
    app: float
    machine: float


def looking(contender: Contender) -> Callable[[], Look]:
    """What a window calls before and after."""

    def look() -> Look:
        proxy = contender.proxy.cpu() if contender.proxy else 0.0
        app = contender.app.cpu() if contender.app else 0.0
        return Look(proxy, app, busy())

    return look


def costs(contender: Contender, window: Window[Look], count: int) -> Costs:
    """For each of count echoes (or messages, or handshakes). Raises LoadError for none."""
    if not count:
        raise LoadError(f"nothing was done in {window.seconds:.1f} s")
    before, after, micro = window.before, window.after, 1e6 / count
    proxy, app = after.proxy - before.proxy, after.app - before.app
    others = after.machine - before.machine - proxy - app - window.own_cpu
    return Costs(
        proxy=proxy * micro if contender.proxy else None,
        app=app * micro,
        load=window.own_cpu * micro,
        others=max(0.0, others) / (window.seconds * (psutil.cpu_count() or 1)),
    )


def busy() -> float:
    """Seconds of CPU that all programs of the machine have used, or that its host took away.

    Without the time of interrupts: packets on the loopback are counted there, and they are
    the load's own.
    """
    times = psutil.cpu_times()
    used = times.user + getattr(times, "nice", 0.0) + times.system
    return float(used + getattr(times, "steal", 0.0))  # a guest's time is in user's already
