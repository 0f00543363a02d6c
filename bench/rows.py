"""From a contender's rounds to the row that a table shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench import figures


@dataclass(frozen=True)
class Round:
    """One window of one contender. Times are microseconds an echo, latencies milliseconds."""

    proxy: float | None  # None where there is no proxy
    app: float
    load: float
    per_second: float
    p50: float
    p99: float
    others: float  # the share of the machine that other programs took


class Compared(StrEnum):
    """Whose CPU the ratios of a table are of."""

    PROXY = "the proxy's CPU"
    APP = "the app's CPU"
    BOTH = "the CPU of proxy and app together"

    def cost(self, one: Round) -> float:
        """0 for a proxy that is not there, which has no ratio."""
        proxy = 0.0 if self is Compared.APP else one.proxy or 0.0
        return proxy + (0.0 if self is Compared.PROXY else one.app)


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
    spread: float = 0.0  # of proxy and app together
    ratio: float | None = None  # the first contender's CPU to this one's


@dataclass(frozen=True)
class Table:
    """One case of one comparison."""

    compared: Compared
    case: str
    rows: list[Row]
    others: list[float]


@dataclass(frozen=True)
class Held:
    """KiB a connection. None where there is no such process, or one that was warm already."""

    contender: str
    proxy: float | None
    app: float | None


def row(
    name: str, version: str, rounds: Sequence[Round], ours: Sequence[Round], compared: Compared
) -> Row:
    """ours: the rounds of the first contender; empty where it failed."""
    proxies = [one.proxy for one in rounds if one.proxy is not None]
    costs, of_ours = ([compared.cost(one) for one in some] for some in (rounds, ours))
    return Row(
        name,
        version,
        proxy=figures.median(proxies) if proxies else None,
        app=figures.median([one.app for one in rounds]),
        load=figures.median([one.load for one in rounds]),
        per_second=figures.median([one.per_second for one in rounds]),
        p50=figures.median([one.p50 for one in rounds]),
        p99=figures.median([one.p99 for one in rounds]),
        spread=figures.spread([Compared.BOTH.cost(one) for one in rounds]),
        ratio=figures.ratio(of_ours, costs) if ours else None,
    )
