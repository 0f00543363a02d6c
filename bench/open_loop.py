"""Open loop: messages leave when they are due, whether or not earlier echoes are back.

In a closed loop, a proxy that stalls is sent nothing meanwhile, and so hides most of its
stall ("coordinated omission"). Here each latency counts from the time at which the message
was due. See https://hdrhistogram.github.io/HdrHistogram/.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass

from hdrh.histogram import HdrHistogram

from bench import figures, load, turns
from bench.contenders import Contender
from bench.findings import Opened, OpenTable
from bench.load import Client
from bench.messages import Case
from bench.rows import Costs
from bench.schedule import Schedule
from bench.windows import costs, looking

log = logging.getLogger(__name__)

# Timers of event loops have milliseconds; a signal of the kernel's clock is more exact.
_TICK = 0.00025  # seconds
_LONGEST = 60_000_000  # microseconds
_DRAIN = 1.0  # seconds for echoes that are still on their way


@dataclass(frozen=True)
class _Round:
    latencies: HdrHistogram
    late: HdrHistogram
    costs: Costs


def histogram() -> HdrHistogram:
    """Of microseconds up to a minute, to three digits."""
    return HdrHistogram(1, _LONGEST, 3)


def record(into: HdrHistogram, seconds: float) -> None:
    """A value beyond the histogram's ends counts as its end."""
    into.record_value(min(max(1, round(seconds * 1e6)), _LONGEST))


def milliseconds(of: HdrHistogram, percentile: float) -> float:
    return float(of.get_value_at_percentile(percentile)) / 1e3


def compare(
    contenders: Sequence[Contender],
    case: Case,
    rate: float,
    trusted: ssl.SSLContext,
    *,
    rounds: int,
    seconds: float,
) -> OpenTable:
    """rate: messages a second over all connections, the same for each contender."""
    log.info("open loop: %s, %.0f messages a second", case.label, rate)
    taken = turns.take(
        contenders,
        rounds,
        lambda one: load.run(_round(one, case, rate, trusted, seconds)),
        "open loop",
    )
    rows = [
        Opened(one.name, one.version, missing=taken.failed[one.name])
        if one.name in taken.failed
        else _row(one, taken.found[one.name])
        for one in contenders
    ]
    others = [one.costs.others for found in taken.found.values() for one in found]
    return OpenTable(case, rate, rows, others)


def _row(contender: Contender, rounds: Sequence[_Round]) -> Opened:
    latencies, late = histogram(), histogram()
    for one in rounds:
        latencies.add(one.latencies)
        late.add(one.late)
    return Opened(
        contender.name,
        contender.version,
        p50=milliseconds(latencies, 50),
        p99=milliseconds(latencies, 99),
        p999=milliseconds(latencies, 99.9),
        most=float(latencies.get_max_value()) / 1e3,
        late=milliseconds(late, 99),
        spread=figures.spread([milliseconds(one.latencies, 99) for one in rounds]),
    )


async def _round(
    contender: Contender, case: Case, rate: float, trusted: ssl.SSLContext, seconds: float
) -> _Round:
    """Raises LoadError."""
    latencies, late = histogram(), histogram()
    echoes = 0

    def done(client: Client, took: float) -> None:
        nonlocal echoes
        echoes += 1
        record(latencies, took)

    clients = await load.connect(contender.url, case, trusted, done)
    loop = asyncio.get_running_loop()
    try:
        await load.all_have_echoed(clients)
        latencies.reset()
        echoes, turn = 0, 0
        schedule = Schedule(time.perf_counter(), rate)

        def tick() -> None:
            nonlocal turn
            now = time.perf_counter()
            for time_due in schedule.due(now):
                record(late, now - time_due)
                clients[turn % len(clients)].send(time_due)
                turn += 1

        loop.add_signal_handler(signal.SIGALRM, tick)
        signal.setitimer(signal.ITIMER_REAL, _TICK, max(_TICK, 1 / rate))
        try:
            window = await load.window(seconds, looking(contender))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            loop.remove_signal_handler(signal.SIGALRM)
        counted = costs(contender, window, echoes)
        await load.until(
            lambda: not any(client.waits for client in clients),
            *(_DRAIN, "it does not keep up: echoes were missing when the load had stopped"),
        )
        load.check(clients)
    finally:
        for client in clients:
            client.leave()
    return _Round(latencies, late, counted)
