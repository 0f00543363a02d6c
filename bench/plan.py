"""How much is measured: sizes, counts, and how long each section may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.messages import Case

KIB, MIB = 2**10, 2**20


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float  # of one window
    proxies: tuple[Case, ...]
    servers: tuple[Case, ...]
    deflate: tuple[Case, ...]
    open_loop: Case
    growth: tuple[int, ...]  # connections; steps above what the stack takes are left out
    fanout: tuple[int, ...]  # clients
    make: int  # rounds of what a user waits for; 0: it is left out, and Docker with it
    # Seconds that a section may take. It may go over by what it has begun.
    budgets: Mapping[str, float]
    total: float  # seconds of the run, which no budget exceeds
    quick: bool = False


# A quiet machine with 2 cores needs about twelve minutes.
FULL = Plan(
    rounds=5,
    seconds=0.3,
    proxies=(
        *(Case(size, 32) for size in (128, 4 * KIB, 16 * KIB, 256 * KIB, MIB)),
        Case(128, 1),
        Case(128, 512),
        *(Case(size, 1) for size in (16 * KIB, MIB)),
    ),
    servers=tuple(Case(size, 32) for size in (128, 4 * KIB, 16 * KIB)),
    deflate=tuple(Case(size, 32, json=True) for size in (128, 4 * KIB, 64 * KIB)),
    open_loop=Case(128, 32),
    growth=(1, 10, 100, 1000, 3000, 10_000),
    fanout=(10, 200),
    make=3,
    budgets={
        "proxies": 250,
        "servers": 60,
        "deflate": 35,
        "open loop": 45,
        "handshakes": 40,
        "fan-out": 60,
        "growth": 160,
        "waiting": 100,
        "waiting in Docker": 110,
        "make certs": 90,
    },
    total=14 * 60,
)
QUICK = Plan(
    rounds=2,
    seconds=0.15,
    proxies=(Case(128, 8), Case(MIB, 1)),
    servers=(Case(128, 8),),
    deflate=(Case(4 * KIB, 8, json=True),),
    open_loop=Case(128, 8),
    growth=(1, 20),
    fanout=(5,),
    make=0,
    budgets={},
    total=10 * 60,
    quick=True,
)
