"""make certs and make untrust end, or the disk does, at each point where they or their tools
write: afterwards the next one ends the work, with the same root, and nothing else is lost."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from certs import ca_home
from tests.support import robustness, tracing, trusting_apart
from tests.support.steady import SOAK
from tests.support.trusting_apart import FOLDERS, Apart, said

pytestmark = pytest.mark.programs

KILL = "signal=KILL"
FAULTS = (KILL, "error=ENOSPC", "error=EIO")
ALL = "caller"  # a tool is killed, and its caller with it, as by a power failure
STORES = {
    "nss": "an NSS database",
    "new_nss": "a new NSS database",
    "system": "the system's store",
    "java": "a Java keystore",
    "none": "bundle.pem",
}
STEPS = {"install": "trusting: ", "untrust": "taking back: "}
# Where it is not make soak, so many tries, over all points. A JVM takes seconds to start.
TRIES = {"nss": 6, "system": 3, "java": 1}
FEW = 2
WHY_NOT = tracing.why_not() or trusting_apart.why_not()

Try = Callable[[Apart], subprocess.CompletedProcess[str]]


@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", STORES)
def test_trusting_that_ends_at_a_write_is_ended_by_the_next(
    tmp_path: Path, kind: str, step: str
) -> None:
    template = Apart(tmp_path / "template", tmp_path / "place", kind)
    if why := template.why_not():
        pytest.skip(why)
    template.make()
    first = "env" if kind == "none" else "install"
    before = template.copy("before").others()
    if step == "untrust":
        template.run(first).check_returncode()
    done = step if step == "untrust" else first
    tries = list(faults(template, done))
    assert len(tries) > 3
    apart = 1 if SOAK else len(tries) // TRIES.get(kind, FEW)
    chosen = tries[apart // 2 :: apart]

    def attempt(number: int) -> None:
        check(template.copy(f"try-{number}"), done, first, before, *chosen[number])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, range(len(chosen))))
    robustness.record(
        robustness.Row(
            "Writes",
            f"killed, disk full or broken at the write points of {STEPS[step]}{STORES[kind]}",
            "",
            "the next make certs or make untrust ends the work; the ledger lacks no entry",
            {"write points": len({point for point, _, _ in tries}), "tries": len(chosen)},
        )
    )


def faults(template: Apart, step: str) -> Iterator[tuple[str, str, Try]]:
    """The point, the fault, and what makes it happen."""
    traced = template.copy("traced")
    own = tracing.write_points(traced.apart(*traced.command(step)), traced.env, traced.place)
    for point in own:
        for fault in FAULTS:
            yield str(point), fault, by_trust(step, point, fault)
    traced = template.copy("tools")
    traced.run(step, TRACE=tracing.tree_trace()).check_returncode()
    turns = itertools.cycle(FAULTS)
    for number, trace in enumerate(traced.traces(), 1):
        for point in tracing.tree_points(trace, (str(traced.place), *FOLDERS)):
            for fault in (ALL, next(turns)):
                yield f"{point} of tool {number}", fault, by_tool(step, number, point, fault)


def by_trust(step: str, point: tracing.Point, fault: str) -> Try:
    def attempt(place: Apart) -> subprocess.CompletedProcess[str]:
        done = tracing.run_with_fault(place.apart(*place.command(step)), place.env, point, fault)
        assert "(INJECTED)" in done.stderr or done.returncode == -signal.SIGKILL
        return done

    return attempt


def by_tool(step: str, number: int, point: tracing.Point, fault: str) -> Try:
    caller = "1" if fault == ALL else ""
    options = tracing.tree_fault(point, KILL if caller else fault)

    def attempt(place: Apart) -> subprocess.CompletedProcess[str]:
        done = place.run(step, FAULT=options, FAULT_RUN=str(number), FAULT_CALLER=caller)
        log = (place.folder / "runs.fault").read_text()
        assert "(INJECTED)" in log or "killed by SIGKILL" in log
        return done

    return attempt


def check(
    place: Apart, step: str, first: str, before: object, point: str, fault: str, attempt: Try
) -> None:
    authority = place.folder / "ca" / ca_home.AUTHORITY
    root = authority.read_bytes()
    done = attempt(place)
    after = place.run("holds", step, "holds", "untrust", "holds")
    told = "\n".join((f"{fault} at {point}:", done.stdout, done.stderr, after.stdout, after.stderr))
    assert "Traceback" not in done.stderr, told
    assert after.returncode == 0, told
    at_once, code, then, _, gone = said(after)
    assert set(at_once["held"]) <= set(at_once["entries"]), told
    assert code == {step: 0}, told
    if step != "untrust":
        assert then["trusted"], told
        assert then["bundle"] or first != "env", told
    assert (gone["held"], gone["entries"], gone["bundle"]) == ([], [], False), told
    assert authority.read_bytes() == root, told
    assert place.others() == before, told
    shutil.rmtree(place.folder)
