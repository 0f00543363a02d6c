"""The rounds: contenders in turn, A B A B, and the row that comes of each one's rounds."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace

import psutil

from bench import figures, load
from bench.contenders import Contender
from bench.load import LoadError
from bench.messages import Case
from bench.rows import Compared, Round, Row, Table, row

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """Seconds of CPU used until now."""

    proxy: float
    app: float
    machine: float


def ready(contender: Contender, trusted: ssl.SSLContext) -> Contender:
    """The contender, once it has echoed; missing where it does not."""
    if contender.missing:
        return contender
    try:
        load.measure(contender.url, Case(128, 1), trusted, 0.05, lambda: None)
    except LoadError as error:
        log.warning("%s is not measured: %s", contender.name, error)
        return replace(contender, missing=str(error))
    for tree in contender.trees:
        tree.find()
    return contender


def compare(
    contenders: Sequence[Contender],
    case: Case,
    trusted: ssl.SSLContext,
    *,
    rounds: int,
    seconds: float,
    compared: Compared,
) -> Table:
    """A contender that fails in a round is a row that says how."""
    log.info("%s", case.label)
    found: dict[str, list[Round]] = {one.name: [] for one in contenders if not one.missing}
    failed = {one.name: one.missing for one in contenders if one.missing}
    for _ in range(rounds):
        for contender in contenders:
            if contender.name in failed:
                continue
            try:
                found[contender.name].append(_round(contender, case, trusted, seconds))
            except LoadError as error:
                log.warning("%s fails at %s: %s", contender.name, case.label, error)
                failed[contender.name] = str(error)
    ours = found[contenders[0].name] if contenders[0].name not in failed else []
    rows = [
        Row(one.name, one.version, missing=failed[one.name])
        if one.name in failed
        else row(one.name, one.version, found[one.name], ours, compared)
        for one in contenders
    ]
    others = [taken.others for name in found for taken in found[name]]
    return Table(compared, case.label, rows, others)


def _round(contender: Contender, case: Case, trusted: ssl.SSLContext, seconds: float) -> Round:
    """Raises LoadError."""

    def look() -> Look:
        proxy = contender.proxy.cpu() if contender.proxy else 0.0
        app = contender.app.cpu() if contender.app else 0.0
        return Look(proxy, app, busy())

    window = load.measure(contender.url, case, trusted, seconds, look)
    before, after, latencies = window.before, window.after, window.latencies
    if not latencies:
        raise LoadError(f"no echo in {seconds} s")
    micro = 1e6 / len(latencies)
    proxy, app = after.proxy - before.proxy, after.app - before.app
    others = after.machine - before.machine - proxy - app - window.own_cpu
    return Round(
        proxy=proxy * micro if contender.proxy else None,
        app=app * micro,
        load=window.own_cpu * micro,
        per_second=len(latencies) / window.seconds,
        p50=figures.percentile(latencies, 0.5) * 1e3,
        p99=figures.percentile(latencies, 0.99) * 1e3,
        others=max(0.0, others) / (window.seconds * (psutil.cpu_count() or 1)),
    )


def busy() -> float:
    """Seconds of CPU that the whole machine has used."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # Guests' time is in user's already.
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times) - idle - guests)
