"""Results as a run would make them."""

from __future__ import annotations

from dataclasses import replace

from bench import waiting
from bench.contenders import DOCKER, OURS
from bench.findings import Fanned, FanTable, Grown, Opened, OpenTable, Shaken, ShakenTable, Step
from bench.messages import Case
from bench.results import Result
from bench.rows import Compared, Costs, Round, Row, Table
from bench.waiting import Waits

COSTS = Costs(proxy=20.0, app=40.0, load=9.0, others=0.01)
ROUND = Round(COSTS, per_second=5000.0, p50=1.0, p99=3.0, p999=4.0)
CASE = Case(128, 32)


def rounds(**changes: float | None) -> Round:
    return replace(ROUND, costs=replace(COSTS, **changes))  # type: ignore[arg-type]


def table(*shown: Row, case: Case = CASE, others: float = 0.01) -> Table:
    return Table(Compared.PROXY, case, list(shown), [others])


def result(*shown: Row, others: float = 0.01) -> Result:
    made = Result("2026-11-26", "2 cores, load average 0.1 at the start", False, 3, 1.0)
    made.proxies = [table(*shown, others=others)]
    return made


def whole(**times: float) -> Result:
    """With a row of everything. times: of what a user waits for, by its name in bench.waiting."""
    peer = Row("HAProxy", "3.2", proxy=25.0, app=40.0)
    ours = Row(OURS, "nginx 1.31.9, OpenSSL 3.5.1", proxy=20.0, app=40.0, per_second=9000)
    made = result(ours, peer)
    for size in (16 * 1024, 256 * 1024):
        made.proxies.append(table(ours, replace(peer, proxy=30.0), case=Case(size, 32)))
    made.servers = [table(replace(ours, app=30.0), Row("granian", "2", app=50.0))]
    made.deflate = [
        table(Row("not offered", "1", app=40.0), Row("offered, WS_DEFLATE=0", "1", app=41.0))
    ]
    made.opened = OpenTable(CASE, 2000, [Opened(OURS, "1", p50=0.25, p99=1.5)], [0.01])
    made.shaken = [ShakenTable([Shaken(OURS, "1", "X25519", server=500.0)], [0.01])]
    made.fanouts = [FanTable(10, [Fanned(OURS, "1", proxy=3.0, app=20.0)], [0.01])]
    steps = [Step(n, 40.0, 12.0, 20.0, 40.0, 9.0) for n in (1000, 10_000)]
    made.grown = [Grown(OURS, "1", steps=steps), Grown(DOCKER, "1", steps=steps)]
    made.waits = waits(**times)
    made.images = {"nginx": 90.0}
    return made


def waits(**times: float) -> Waits:
    made = Waits()
    for name, seconds in {"WARM": 1.2, "NOTHING": 0.4, "STATUS": 0.3, **times}.items():
        made.add(getattr(waiting, name), seconds)
    return made
