"""A result as Markdown: the report of a run, and docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import figures
from bench.results import Result
from bench.rows import Row, Table

_HOW = """\
One closed loop: each connection sends a message, waits for its echo, sends again. The contenders
take turns, round after round. *Proxy* and *app* are CPU microseconds an echo, as the system counts
them for the processes; *load* is what the load generator used, in neither. *Spread*: half of the
rounds are within it; a row above {limit} is marked `noisy`. *Ours / this*, the median of the ratios
round by round, is below 1 where the stack takes less.
"""


def markdown(result: Result) -> str:
    """The tables, with what they are worth in front."""
    parts = [
        verdict(result),
        f"Taken on {result.taken}: {result.machine}. {_plan(result)}",
        _HOW.format(limit=f"{figures.ROW_LIMIT:.0%}"),
        *_section("In front of the app", result.proxies),
        *_section("Behind nginx", result.servers),
        *_section("permessage-deflate, offered by the client", result.deflate),
        *_held(result),
        *_waited(result),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def verdict(result: Result) -> str:
    noise = result.noise
    if noise.why_no_result:
        return f"**Too noisy: this run is no result** ({noise.why_no_result})."
    return (
        f"Other programs took {noise.others:.0%} of the machine; {noise.noisy} of {noise.rows} "
        "rows are noisy."
    )


def _plan(result: Result) -> str:
    quick = " It is the short form, which shows that it works and no more." if result.quick else ""
    return f"{result.rounds} rounds of {result.seconds:g} s.{quick}"


def _section(title: str, tables: Sequence[Table]) -> Iterable[str]:
    if not tables:
        return
    yield f"## {title}"
    yield f"*Ours / this* is of {tables[0].compared}."
    for table in tables:
        yield f"### {table.case}"
        yield _grid(
            (
                *("", "version", "proxy µs", "app µs", "load µs", "echoes/s"),
                *("p50 ms", "p99 ms", "spread", "ours / this"),
            ),
            [_cells(row) for row in table.rows],
        )


def _cells(row: Row) -> list[str]:
    if row.missing:
        return [row.contender, f"missing: {row.missing.replace('|', '/')}", *["-"] * 8]
    noisy = " noisy" if row.spread > figures.ROW_LIMIT else ""
    return [
        row.contender,
        row.version,
        _number(row.proxy),
        _number(row.app),
        _number(row.load),
        f"{row.per_second:.0f}",
        f"{row.p50:.2f}",
        f"{row.p99:.2f}",
        f"{row.spread:.0%}{noisy}",
        "-" if row.ratio is None else f"{row.ratio:.2f}",
    ]


def _held(result: Result) -> Iterable[str]:
    if result.held:
        yield "## Memory of an idle connection"
        yield (
            f"KiB resident, of {result.connections} that have echoed 128 bytes once. The peers "
            "share one app, which is warm after the first: its figure stands there alone."
        )
        rows = [[row.contender, _number(row.proxy), _number(row.app)] for row in result.held]
        yield _grid(("", "proxy", "app"), rows)


def _waited(result: Result) -> Iterable[str]:
    if result.waited:
        yield "## Waiting"
        yield "Without Docker, everything installed and minted already."
        rows = [[row.what, f"{row.seconds:.2f}", f"{row.spread:.0%}"] for row in result.waited]
        yield _grid(("", "seconds", "spread"), rows)


def _grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


_PAGE = """\
# Performance

What `make bench PAGE=1` wrote last. `make bench` measures the stack as it ships (nginx with the
files of `nginx/`, the echo of `app/`) against what a user could run instead, in one run on one
machine, and writes `bench/out/`. Absolute figures are of that machine in that hour: compare the
contenders of one table, and repeat the run on yours.

{plots}

{tables}
## How to repeat it

`make bench` takes some minutes on a machine that does nothing else; `make bench QUICK=1` under one,
to see that it works. Caddy and the other app servers come from PyPI, into a venv of the benchmark's
own; HAProxy and nginx are measured where they are on PATH (`apt install haproxy nginx`). What is
not there is a row that says so. The limits of connections are raised for the run: they count, and
cost the same whatever they are.
"""


def page(result: Result, plots: Iterable[str]) -> str:
    """docs/performance.md."""
    pictures = "\n".join(f"![{name}](pictures/{name}.svg)" for name in plots)
    return _PAGE.format(plots=pictures, tables=markdown(result))
