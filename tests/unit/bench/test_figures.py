"""The arithmetic of the benchmark, and what makes a run no result."""

from __future__ import annotations

import pytest

from bench import figures

HUNDRED = [float(n) for n in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        pytest.param(HUNDRED, 0.5, 50.0, id="half"),
        pytest.param(HUNDRED, 0.99, 99.0, id="99 of 100"),
        pytest.param(HUNDRED, 0.991, 100.0, id="just above 99 of 100"),
        pytest.param(HUNDRED, 1.0, 100.0, id="all"),
        pytest.param(HUNDRED, 0.001, 1.0, id="the smallest"),
        pytest.param([7.0], 0.99, 7.0, id="one value"),
        pytest.param([1.0, 2.0], 0.5, 1.0, id="no value between two"),
        pytest.param([3.0, 3.0, 9.0], 0.5, 3.0, id="equal values"),
    ],
)
def test_percentile_is_a_value_that_was_measured(
    values: list[float], share: float, found: float
) -> None:
    assert figures.percentile(values, share) == found


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, 99.0])
def test_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share is"):
        figures.percentile([1.0], share)


def test_nothing_has_no_percentile_and_no_median() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        figures.percentile([], 0.5)
    with pytest.raises(ValueError, match="nothing was measured"):
        figures.median([])


def test_median_of_an_even_number_lies_between_two() -> None:
    assert figures.median([4.0, 1.0, 3.0, 2.0]) == 2.5


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param([10.0, 10.0, 10.0], 0.0, id="no difference"),
        pytest.param([10.0, 11.0, 9.0, 10.0, 50.0], 0.1, id="one round that went wrong"),
        pytest.param([5.0, 10.0, 15.0], 0.5, id="wide"),
        pytest.param([7.0], 0.0, id="one round"),
        pytest.param([0.0, 0.0], 0.0, id="nothing used"),
    ],
)
def test_spread_holds_half_of_the_rounds(values: list[float], found: float) -> None:
    assert figures.spread(values) == pytest.approx(found)


def test_ratio_is_round_by_round() -> None:
    # The machine was three times slower in the last round, for both.
    assert figures.ratio([10.0, 10.0, 30.0], [20.0, 20.0, 60.0]) == 0.5
    # Of medians it would be 10 to 60.
    assert figures.ratio([10.0, 30.0, 10.0], [20.0, 60.0, 60.0]) == 0.5


def test_ratio_to_nothing_is_none() -> None:
    assert figures.ratio([1.0, 2.0], [1.0, 0.0]) is None
    assert figures.ratio([], []) is None


def test_ratio_of_unequal_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        figures.ratio([1.0, 2.0], [1.0])


def test_quiet_run_is_a_result() -> None:
    found = figures.noise([0.0, 0.02, 0.9], [0.01, 0.02, 0.05, 0.2], 3)
    assert (found.others, found.noisy, found.rows) == (0.02, 1, 4)
    assert found.why_no_result == ""


@pytest.mark.parametrize(
    ("others", "spreads", "why"),
    [
        pytest.param([0.3, 0.5, 0.4], [0.0], "other programs took 40%", id="other programs"),
        pytest.param([0.0], [0.2, 0.2, 0.0], "2 of 3 rows differ", id="rounds that differ"),
        pytest.param([0.9], [0.2], "; 1 of 1 rows", id="both"),
        pytest.param([], [], "nothing was measured", id="nothing"),
    ],
)
def test_noisy_run_says_why_it_is_no_result(
    others: list[float], spreads: list[float], why: str
) -> None:
    assert why in figures.noise(others, spreads, 3).why_no_result


def test_two_rounds_are_no_result_however_alike_they_are() -> None:
    assert "2 rounds show no spread" in figures.noise([0.0], [0.0], 2).why_no_result
