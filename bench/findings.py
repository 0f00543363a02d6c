"""The rows of what is no closed loop of echoes: latency, handshakes, fan-out, growth."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.messages import Case


@dataclass(frozen=True)
class Opened:
    """A contender's row. Latencies in milliseconds, of all rounds together."""

    contender: str
    version: str
    missing: str = ""
    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    most: float = 0.0
    late: float = 0.0  # p99 of how late the load itself sent, which is within the latencies
    spread: float = 0.0  # of the rounds' p99


@dataclass(frozen=True)
class OpenTable:
    case: Case
    rate: float  # messages a second
    rows: list[Opened]
    others: list[float]


@dataclass(frozen=True)
class Shaken:
    """A contender's row: microseconds of CPU a handshake."""

    contender: str
    version: str
    group: str
    missing: str = ""
    server: float = 0.0
    load: float = 0.0
    spread: float = 0.0

    @property
    def per_second(self) -> float:
        """How many one core could do in a second."""
        return 1e6 / self.server if self.server else 0.0


@dataclass(frozen=True)
class ShakenTable:
    rows: list[Shaken]
    others: list[float]


@dataclass(frozen=True)
class Fanned:
    """A contender's row. CPU in microseconds a delivery, times in milliseconds."""

    contender: str
    version: str
    missing: str = ""
    proxy: float | None = None
    app: float = 0.0
    load: float = 0.0
    per_second: float = 0.0  # deliveries
    p50: float = 0.0  # until the last client has it
    p99: float = 0.0
    spread: float = 0.0


@dataclass(frozen=True)
class FanTable:
    clients: int
    rows: list[Fanned]
    others: list[float]


@dataclass(frozen=True)
class Step:
    """With this many connections open, each of which has echoed 128 bytes."""

    connections: int
    proxy_kib: float | None  # a connection, over what the process had without any
    app_kib: float | None
    proxy: float | None  # microseconds an echo, with up to 32 under way
    app: float
    load: float


@dataclass(frozen=True)
class Grown:
    """A contender's steps, and why there are no more."""

    contender: str
    version: str
    missing: str = ""
    steps: list[Step] = field(default_factory=list)

    def at(self, connections: int) -> Step | None:
        return next((step for step in self.steps if step.connections == connections), None)
