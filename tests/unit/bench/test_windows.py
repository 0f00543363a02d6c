"""What each program used between two looks."""

from __future__ import annotations

from dataclasses import replace

import psutil
import pytest

from bench.contenders import Contender
from bench.errors import LoadError
from bench.programs import Tree
from bench.windows import Look, Window, costs

BEHIND_A_PROXY = Contender("A", "1", proxy=Tree(psutil.Process().pid))
ALONE = Contender("B", "1")
WINDOW = Window(2.0, 0.25, Look(1.0, 2.0, 10.0), Look(1.5, 3.0, 12.0))


def test_cpu_is_shared_out_over_what_was_done() -> None:
    found = costs(BEHIND_A_PROXY, WINDOW, 1000)
    assert (found.proxy, found.app, found.load) == pytest.approx((500.0, 1000.0, 250.0))
    assert found.both == pytest.approx(1500.0)


def test_rest_of_the_machine_is_what_others_took() -> None:
    cores = psutil.cpu_count() or 1
    found = costs(BEHIND_A_PROXY, WINDOW, 1000)
    assert found.others == pytest.approx((2.0 - 0.5 - 1.0 - 0.25) / (2.0 * cores))


def test_clocks_that_disagree_a_little_are_no_negative_share() -> None:
    busier = replace(WINDOW, after=Look(1.5, 3.0, 11.0))
    assert costs(BEHIND_A_PROXY, busier, 1000).others == 0


def test_without_a_proxy_it_has_no_figure() -> None:
    assert costs(ALONE, WINDOW, 10).proxy is None


def test_nothing_done_is_no_figure() -> None:
    with pytest.raises(LoadError, match=r"nothing was done in 2\.0 s"):
        costs(ALONE, WINDOW, 0)
