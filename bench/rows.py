"""From a contender's rounds to the row that a table of echoes shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench import figures
from bench.messages import Case


@dataclass(frozen=True)
class Costs:
    """Of one window, in microseconds of CPU for each echo, message or handshake."""

    proxy: float | None  # None where there is no proxy
    app: float
    load: float
    others: float  # the share of the machine that other programs took

    @property
    def both(self) -> float:
        return (self.proxy or 0.0) + self.app


@dataclass(frozen=True)
class Round:
    """One window of one contender. Latencies are milliseconds."""

    costs: Costs
    per_second: float
    p50: float
    p99: float
    p999: float


class Compared(StrEnum):
    """Whose CPU the ratios of a table are of."""

    PROXY = "the proxy's CPU"
    APP = "the app's CPU"
    BOTH = "the CPU of proxy and app together"

    def cost(self, one: Costs) -> float:
        """0 for a proxy that is not there, which has no ratio."""
        if self is Compared.BOTH:
            return one.both
        return one.app if self is Compared.APP else one.proxy or 0.0


@dataclass(frozen=True)
class Row:
    """A contender's medians. A row that is missing has figures of nothing."""

    contender: str
    version: str
    missing: str = ""
    proxy: float | None = None
    app: float = 0.0
    load: float = 0.0
    per_second: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    spread: float = 0.0  # of what the table compares
    ratio: float | None = None  # the first contender's CPU to this one's

    @property
    def is_noisy(self) -> bool:
        return self.spread > figures.ROW_LIMIT


@dataclass(frozen=True)
class Table:
    """One case of one comparison."""

    compared: Compared
    case: Case
    rows: list[Row]
    others: list[float]

    def row(self, contender: str) -> Row | None:
        """None where it is missing."""
        return next((r for r in self.rows if r.contender == contender and not r.missing), None)


@dataclass(frozen=True)
class Median:
    """Of the costs of all rounds."""

    proxy: float | None
    app: float
    load: float
    spread: float  # of proxy and app together


def median(rounds: Sequence[Costs]) -> Median:
    """Raises ValueError without rounds."""
    proxies = [one.proxy for one in rounds if one.proxy is not None]
    return Median(
        proxy=figures.median(proxies) if proxies else None,
        app=figures.median([one.app for one in rounds]),
        load=figures.median([one.load for one in rounds]),
        spread=figures.spread([one.both for one in rounds]),
    )


def row(
    name: str, version: str, rounds: Sequence[Round], ours: Sequence[Round], compared: Compared
) -> Row:
    """ours: the rounds of the first contender; empty where it failed."""
    middle = median([one.costs for one in rounds])
    values, of_ours = ([compared.cost(one.costs) for one in some] for some in (rounds, ours))
    return Row(
        name,
        version,
        proxy=middle.proxy,
        app=middle.app,
        load=middle.load,
        per_second=figures.median([one.per_second for one in rounds]),
        p50=figures.median([one.p50 for one in rounds]),
        p99=figures.median([one.p99 for one in rounds]),
        p999=figures.median([one.p999 for one in rounds]),
        spread=figures.spread(values) if any(values) else middle.spread,
        ratio=figures.ratio(of_ours, values) if ours else None,
    )
