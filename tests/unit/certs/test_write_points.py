"""The certs process ends, or its disk does, at each point where minting writes: afterwards the
next start has everything, with the same root."""

from __future__ import annotations

import itertools
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from certs import ca_home, leaf_dir
from tests.support import robustness, tracing
from tests.support.certificates import environment
from tests.support.minting import Place, assert_whole
from tests.support.steady import SOAK

COMMAND = [sys.executable, "-B", "-m", "certs", "mint"]
HOSTS = "new.localhost"
FAULTS = ("signal=KILL", "error=ENOSPC", "error=EIO")
STEP = 1 if SOAK else 6

Start = Callable[[Place], None]


def nothing(place: Place) -> None:
    pass


def minted(place: Place) -> None:
    place.mint()


def damaged(place: Place) -> None:
    place.mint(HOSTS)
    for path in (place.root, place.leaf / leaf_dir.LEAF):
        path.write_bytes(path.read_bytes()[:100])


def lost(place: Place) -> None:
    place.mint(HOSTS)
    for path in (place.root, place.leaf / leaf_dir.LEAF_NAMES):
        path.unlink()


STARTS = {
    "of a first start": nothing,
    "of another host": minted,
    "of fixing damaged files": damaged,
    "of fixing lost files": lost,
}


@pytest.mark.skipif(tracing.why_not() is not None, reason=str(tracing.why_not()))
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_minting_that_ends_at_a_write_is_made_up_for_by_the_next(
    tmp_path: Path, start: Start
) -> None:
    template = Place(tmp_path / "template")
    template.folder.mkdir()
    start(template)
    tried = copy(template, tmp_path / "traced")
    points = tracing.write_points(COMMAND, env(tried), tried.folder)
    assert len(points) > 5
    # A part of them is other points for each fault, so that each point has one.
    tries = list(
        itertools.chain.from_iterable(
            ((fault, point) for point in points[offset * STEP // len(FAULTS) :: STEP])
            for offset, fault in enumerate(FAULTS)
        )
    )
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: attempt(start, template, tmp_path, *case), tries))
    what = next(name for name in STARTS if STARTS[name] is start)
    robustness.record(
        robustness.Row(
            "Writes",
            f"killed, disk full or broken at the write points {what}",
            "",
            "the next start has everything, with the same root",
            {"write points": len(points), "tries": len(tries)},
        )
    )


def attempt(start: Start, template: Place, folder: Path, fault: str, point: tracing.Point) -> None:
    case = f"{fault} at {point}"
    place = copy(template, folder / f"{fault}-{point.call}-{point.number}")
    done = tracing.run_with_fault(COMMAND, env(place), point, fault)
    # Some errors are made up for at once.
    assert "(INJECTED)" in done.stderr or done.returncode == -signal.SIGKILL, case
    assert "Traceback" not in done.stderr, f"{case}:\n{done.stderr}"
    if start is not damaged:
        assert_whole(place.folder)
    before = place.authority.read_bytes() if place.authority.exists() else None
    place.mint(HOSTS)
    assert before in (None, place.authority.read_bytes()), case
    assert_whole(place.folder)
    for path in (place.root, place.leaf / leaf_dir.LEAF, place.leaf / leaf_dir.LEAF_NAMES):
        assert path.exists(), f"{case}: no {path.name}"
    assert not [*place.folder.rglob(f"*{ca_home.AUTHORITY}.damaged*")], case
    assert not [*place.folder.rglob("*-tmp")], case
    shutil.rmtree(place.folder)


def env(place: Place) -> dict[str, str]:
    return environment(place.folder, HOSTS=HOSTS, PYTHONHASHSEED="0")


def copy(template: Place, folder: Path) -> Place:
    shutil.copytree(template.folder, folder)
    return Place(folder)
