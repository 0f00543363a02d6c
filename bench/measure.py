"""One window of a contender's echoes, and the table that comes of all contenders' rounds."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Sequence
from dataclasses import replace

from bench import figures, load, turns
from bench.contenders import Contender
from bench.errors import LoadError
from bench.messages import Case
from bench.rows import Compared, Round, Row, Table, row
from bench.windows import costs, looking

log = logging.getLogger(__name__)


# Traefik listens before it has read its routes.
_READY = 5.0  # seconds until a contender that listens has to echo


def ready(contender: Contender, trusted: ssl.SSLContext) -> Contender:
    """The contender, once it has echoed; missing where it does not."""
    deadline = time.monotonic() + _READY
    while not contender.missing:
        try:
            load.closed(contender.url, Case(128, 1), trusted, 0.05, lambda: None)
        except LoadError as error:
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            log.warning("%s is not measured: %s", contender.name, error)
            return replace(contender, missing=str(error))
        return settled(contender)
    return contender


def settled(contender: Contender) -> Contender:
    """The contender, with all the processes that it consists of now."""
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
    taken = turns.take(
        contenders, rounds, lambda one: _round(one, case, trusted, seconds), case.label
    )
    ours = taken.of(contenders[0].name)
    rows = [
        Row(one.name, one.version, missing=taken.failed[one.name])
        if one.name in taken.failed
        else row(one.name, one.version, taken.found[one.name], ours, compared)
        for one in contenders
    ]
    others = [one.costs.others for rounds_of in taken.found.values() for one in rounds_of]
    return Table(compared, case, rows, others)


def _round(contender: Contender, case: Case, trusted: ssl.SSLContext, seconds: float) -> Round:
    """Raises LoadError."""
    sent = replace(case, offers=contender.offers)
    window, latencies = load.closed(contender.url, sent, trusted, seconds, looking(contender))
    return Round(
        costs(contender, window, len(latencies)),
        per_second=len(latencies) / window.seconds,
        p50=figures.percentile(latencies, 0.5) * 1e3,
        p99=figures.percentile(latencies, 0.99) * 1e3,
        p999=figures.percentile(latencies, 0.999) * 1e3,
    )
