"""The arithmetic of the benchmark: what a row says, and when it says nothing."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Half of the rounds are within this share of their median, or the row is noisy.
ROW_LIMIT = 0.1
# The share of the machine that other programs may take of a run that is a result.
OTHERS_LIMIT = 0.1
ROUNDS = 3  # fewer are no result
# The share of noisy rows that a result may have.
NOISY_LIMIT = 0.25


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed.

    A value that was measured, never one between two. Raises ValueError without values.
    """
    if not values:
        raise ValueError("no values: nothing was measured")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; write one above 0, up to 1")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def median(values: Sequence[float]) -> float:
    """Raises ValueError without values."""
    if not values:
        raise ValueError("no values: nothing was measured")
    return statistics.median(values)


def spread(values: Sequence[float]) -> float:
    """How far half of the values are from their median at most, as a share of it."""
    middle = median(values)
    away = median([abs(value - middle) for value in values])
    return away / middle if middle else 0.0


def ratio(values: Sequence[float], reference: Sequence[float]) -> float | None:
    """The median of the ratios round by round: what slows a whole round down cancels out.

    None where a round of the reference is 0, or there are none.
    """
    pairs = list(zip(values, reference, strict=True))
    if not pairs or not all(other for _, other in pairs):
        return None
    return median([value / other for value, other in pairs])


@dataclass(frozen=True)
class Noise:
    """Of a whole run."""

    others: float  # the share of the machine that other programs took, median of the windows
    noisy: int  # rows with a spread above ROW_LIMIT
    rows: int
    rounds: int

    @property
    def why_no_result(self) -> str:
        """Empty for a run that was quiet enough."""
        if not self.rows:
            return "nothing was measured"
        reasons = []
        if self.rounds < ROUNDS:
            reasons.append(f"{self.rounds} rounds show no spread; it takes {ROUNDS}")
        if self.others > OTHERS_LIMIT:
            reasons.append(
                f"other programs took {self.others:.0%} of the machine; at most {OTHERS_LIMIT:.0%} "
                "may be theirs"
            )
        if self.noisy > NOISY_LIMIT * self.rows:
            reasons.append(
                f"{self.noisy} of {self.rows} rows differ by more than {ROW_LIMIT:.0%} between "
                "their rounds"
            )
        return "; ".join(reasons)


def noise(others: Sequence[float], spreads: Sequence[float], rounds: int) -> Noise:
    """others: one value a window. spreads: one a row that was measured."""
    return Noise(
        median(others) if others else 0.0,
        sum(value > ROW_LIMIT for value in spreads),
        len(spreads),
        rounds,
    )
