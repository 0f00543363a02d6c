"""python -m bench: what `make bench` runs, in a venv of its own.

Apart from .venv: servers and proxies that are only compared are no part of the stack.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import measure, memory, ours, plots, report, results, waiting
from bench.contenders import Contender, Field
from bench.messages import Case
from bench.ours import Home
from bench.programs import MissingError, Programs
from bench.results import Result
from bench.rows import Compared, Table
from certs import all_settings, output
from certs.dotenv import CHECKOUT

log = logging.getLogger("bench")

OUT = CHECKOUT / "bench" / "out"


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float
    proxies: tuple[Case, ...]
    servers: tuple[Case, ...]
    deflate: tuple[Case, ...]
    idle: int
    make: int  # rounds of make up and its kin
    quick: bool = False


FULL = Plan(
    rounds=7,
    seconds=1.0,
    proxies=(
        Case(128, 1),
        *(Case(size, 32) for size in (128, 4096, 16384)),
        Case(262144, 8),
        Case(128, 512),
    ),
    servers=(Case(128, 32), Case(16384, 32)),
    deflate=(*(Case(size, 32, json=True) for size in (128, 4096, 65536)),),
    idle=500,
    make=3,
)
QUICK = Plan(
    rounds=2,
    seconds=0.2,
    proxies=(Case(128, 8), Case(16384, 8)),
    servers=(Case(128, 8),),
    deflate=(Case(4096, 8, json=True),),
    idle=50,
    make=0,
    quick=True,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 too where the run is no result, which it then says."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the stack.")
    parser.add_argument("--quick", action="store_true", help="shows that it works, in a minute")
    parser.add_argument("--page", action="store_true", help="writes docs/performance.md as well")
    parser.add_argument("--rounds", type=int, help="how often each contender has its turn")
    parser.add_argument("--seconds", type=float, help="how long one turn takes")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder for what was found")
    options = parser.parse_args(arguments)
    if options.page and options.quick:
        parser.error("--page is for a whole run: leave out --quick")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    log.setLevel(logging.INFO)
    for name in all_settings.NAMES:
        os.environ.pop(name, None)  # the stack as it ships
    # What was started is stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return output.exit_status("bench", lambda: _main(options))


def _main(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    given = {"rounds": options.rounds, "seconds": options.seconds}
    result = run(replace(plan, **{name: value for name, value in given.items() if value}))
    options.out.mkdir(parents=True, exist_ok=True)
    write(result, options.out, page=options.page)
    log.info("%s\nbench: %s", report.verdict(result), options.out / "report.md")
    return 0


def write(result: Result, out: Path, *, page: bool) -> None:
    result.write(out / "result.json")
    plots.draw(result, out)
    (out / "report.md").write_text(report.markdown(result))
    if page:
        plots.draw(result, CHECKOUT / "docs" / "pictures")
        text = report.page(result, plots.PLOTS)
        (CHECKOUT / "docs" / "performance.md").write_text(text)


def run(plan: Plan) -> Result:
    """Raises MissingError, RefusalError where the stack itself does not start."""
    with tempfile.TemporaryDirectory(prefix="wss-bench-") as made:
        home = Home(Path(made).resolve())
        programs = Programs(home.folder)
        try:
            return _run(plan, home, programs)
        finally:
            programs.stop()
            ours.remove_sockets(home)


def _run(plan: Plan, home: Home, programs: Programs) -> Result:
    trusted = home.mint()
    waited = waiting.on_make(home.folder, plan.make) if plan.make else []
    field = Field(home, programs)

    def ready(found: Sequence[Contender]) -> list[Contender]:
        return [measure.ready(one, trusted) for one in found]

    def tables(
        found: Sequence[Contender], cases: Sequence[Case], compared: Compared
    ) -> list[Table]:
        return [
            measure.compare(
                *(found, case, trusted),
                rounds=plan.rounds,
                seconds=plan.seconds,
                compared=compared,
            )
            for case in cases
        ]

    proxies = ready(field.proxies())
    if proxies[0].missing:
        raise MissingError(f"the stack itself does not echo: {proxies[0].missing}")
    held = memory.idle(proxies, trusted, plan.idle)
    return Result(
        taken=results.now(),
        quick=plan.quick,
        rounds=plan.rounds,
        seconds=plan.seconds,
        connections=plan.idle,
        held=held,
        waited=waited,
        proxies=tables(proxies, plan.proxies, Compared.PROXY),
        servers=tables(ready(field.servers()), plan.servers, Compared.APP),
        deflate=tables(ready(field.deflate()), plan.deflate, Compared.BOTH),
        machine=results.machine(),
    )
