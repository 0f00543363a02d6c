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
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench import most, ours, page, plots, report, results
from bench import plan as plans
from bench.docker import Containers
from bench.ours import Home
from bench.plan import Plan
from bench.programs import MissingError
from bench.results import Result
from bench.sections import Run
from certs import all_settings, output
from certs.dotenv import CHECKOUT

log = logging.getLogger("bench")

OUT = CHECKOUT / "bench" / "out"


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
    # What fails in a connection comes back as an error; their lines would say it again.
    for name in ("picows", "aiofastnet", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # The stack as it ships, on a machine as users have it: each start of Python would compile all
    # modules again without its caches.
    for name in (*all_settings.NAMES, "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)
    # What was started is stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return output.exit_status("bench", lambda: _main(options))


def _main(options: argparse.Namespace) -> int:
    plan = plans.QUICK if options.quick else plans.FULL
    given = {"rounds": options.rounds, "seconds": options.seconds}
    plan = replace(plan, **{name: value for name, value in given.items() if value})
    options.out.mkdir(parents=True, exist_ok=True)
    result = run(plan, lambda found: found.write(options.out / "result.json"))
    write(result, options.out)
    if not result.tables:
        raise MissingError(f"nothing was measured: {'; '.join(result.notes)}")
    log.info("%s\nbench: %s", report.verdict(result), options.out / "report.md")
    if options.page:
        return write_page(result)
    return 0


def write(result: Result, out: Path) -> None:
    result.write(out / "result.json")
    (out / "report.md").write_text(report.markdown(result))
    (out / "performance.md").write_text(page.page(result, pictures=""))
    plots.draw(result, out)


def write_page(result: Result) -> int:
    """docs/performance.md and a line of README.md, from a run that is a result."""
    if why := result.noise.why_no_result:
        log.error("docs/performance.md is left as it is: this run is no result (%s)", why)
        return 1
    plots.draw(result, CHECKOUT / "docs" / "pictures")
    (CHECKOUT / "docs" / "performance.md").write_text(page.page(result))
    readme = CHECKOUT / "README.md"
    readme.write_text(page.with_line(readme.read_text(), result))
    log.info("bench: docs/performance.md, docs/pictures and README.md have the new figures")
    return 0


def run(plan: Plan, keep: Callable[[Result], None]) -> Result:
    """keep: called after each section."""
    result = Result(results.now(), results.machine(), plan.quick, plan.rounds, plan.seconds)
    with tempfile.TemporaryDirectory(prefix="wss-bench-", ignore_cleanup_errors=True) as made:
        home = Home(Path(made).resolve())
        containers = Containers(home, wanted=not plan.quick)
        try:
            Run(plan, home, containers, most.raise_files(), result, keep).all()
        finally:
            containers.stop()
            ours.remove_sockets(home)
    return result
