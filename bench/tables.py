"""The tables of the report, one function each: its heading, how to read it, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import figures
from bench.findings import FanTable, Grown, OpenTable, ShakenTable, Step
from bench.rows import Row, Table
from bench.waiting import Waited

_ENOUGH = 100  # connections, for the memory of one to be told


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def spread(value: float) -> str:
    return f"{value:.0%}{' noisy' if value > figures.ROW_LIMIT else ''}"


def _missing(contender: str, why: str, cells: int) -> list[str]:
    text = " ".join(why.replace("|", "/").split())[:200]
    return [contender, f"missing: {text}", *["-"] * (cells - 2)]


def echoes(title: str, tables: Sequence[Table]) -> Iterable[str]:
    if not tables:
        return
    heads = [
        *("", "version", "proxy µs", "app µs", "load µs", "echoes/s"),
        *("p50 ms", "p99 ms", "p99.9 ms", "spread", "ours / this"),
    ]
    yield f"## {title}"
    yield f"*Ours / this* and *spread* are of {tables[0].compared}."
    for table in tables:
        yield f"### {table.case.label}"
        yield grid(heads, [_echo(row, len(heads)) for row in table.rows])


def _echo(row: Row, cells: int) -> list[str]:
    if row.missing:
        return _missing(row.contender, row.missing, cells)
    return [
        row.contender,
        row.version,
        *(number(value) for value in (row.proxy, row.app, row.load)),
        f"{row.per_second:.0f}",
        *(f"{value:.2f}" for value in (row.p50, row.p99, row.p999)),
        spread(row.spread),
        "-" if row.ratio is None else f"{row.ratio:.2f}",
    ]


def opened(table: OpenTable | None) -> Iterable[str]:
    if not table:
        return
    heads = ("", "version", "p50 ms", "p99 ms", "p99.9 ms", "longest ms", "late ms", "spread")
    yield "## Latency in an open loop"
    yield (
        f"{table.case.label}, {table.rate:.0f} messages a second for each contender: half of what "
        "the slowest of them did in the closed loop. Each latency counts from when the message was "
        "due, so that a stall is not hidden by the messages that it holds back. *Late*: how late "
        "the load itself sent, p99; it is within the others. *Spread* is of the rounds' p99."
    )
    yield grid(
        heads,
        [
            _missing(row.contender, row.missing, len(heads))
            if row.missing
            else [
                row.contender,
                row.version,
                *(f"{v:.2f}" for v in (row.p50, row.p99, row.p999, row.most, row.late)),
                f"{row.spread:.0%}",
            ]
            for row in table.rows
        ],
    )


def handshakes(tables: Sequence[ShakenTable]) -> Iterable[str]:
    if not tables:
        return
    heads = ("", "version", "group", "CPU µs", "load µs", "a second and core", "spread")
    yield "## TLS handshakes"
    yield "Full ones, one after another, of the same P-256 leaf; CPU of proxy and app together."
    yield grid(
        heads,
        [
            _missing(row.contender, row.missing, len(heads))
            if row.missing
            else [
                *(row.contender, row.version, row.group, number(row.server), number(row.load)),
                *(f"{row.per_second:.0f}", spread(row.spread)),
            ]
            for table in tables
            for row in table.rows
        ],
    )


def fanout(tables: Sequence[FanTable]) -> Iterable[str]:
    if not tables:
        return
    heads = [
        *("", "version", "proxy µs", "app µs", "load µs", "deliveries/s"),
        *("p50 ms", "p99 ms", "spread"),
    ]
    yield "## Fan-out"
    yield (
        "The chat of `examples/fastapi-chat`: one client writes, and again when all have it. CPU "
        "is for each delivery; times are until the last client has the message."
    )
    for table in tables:
        yield f"### {table.clients} clients"
        yield grid(
            heads,
            [
                _missing(row.contender, row.missing, len(heads))
                if row.missing
                else [
                    *(row.contender, row.version),
                    *(number(value) for value in (row.proxy, row.app, row.load)),
                    *(f"{row.per_second:.0f}", f"{row.p50:.2f}", f"{row.p99:.2f}"),
                    spread(row.spread),
                ]
                for row in table.rows
            ],
        )


def growth(grown: Sequence[Grown]) -> Iterable[str]:
    if not grown:
        return
    yield "## Growth with the number of connections"
    yield (
        "KiB resident for each idle connection that has echoed 128 bytes once, and microseconds of "
        "CPU for an echo while so many are open, up to 32 of them busy. Each contender has an app "
        "of its own, just started. One turn each: no spread."
    )
    heads = ("", "version", "connections", "proxy KiB", "app KiB", "proxy µs", "app µs", "load µs")
    rows = []
    for one in grown:
        rows += [
            [
                *(one.contender, one.version, str(step.connections)),
                *(_held(step, kib) for kib in (step.proxy_kib, step.app_kib)),
                *(number(value) for value in (step.proxy, step.app, step.load)),
            ]
            for step in one.steps
        ]
        if one.missing:
            rows.append(_missing(one.contender, one.missing, len(heads)))
    yield grid(heads, rows)


def _held(step: Step, kib: float | None) -> str:
    """Few connections find their memory in what the program has anyway."""
    return number(kib) if step.connections >= _ENOUGH else "-"


def waiting(waited: Sequence[Waited]) -> Iterable[str]:
    if not waited:
        return
    yield "## Waiting"
    yield (
        "Without Docker where it is not named; everything installed and minted already, but in the "
        "fresh clone, which fetches its packages."
    )
    rows = [
        _missing(one.what, one.missing, 4)
        if one.missing
        else [one.what, f"{one.seconds:.2f}", str(one.times), f"{one.spread:.0%}"]
        for one in waited
    ]
    yield grid(("", "seconds", "times", "spread"), rows)


def images(sizes: dict[str, float]) -> Iterable[str]:
    if sizes:
        yield "## Images"
        yield grid(("", "MiB"), [[name, f"{size:.0f}"] for name, size in sizes.items()])
