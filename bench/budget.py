"""How long a section of the run may take."""

from __future__ import annotations

import time
from collections.abc import Callable


class OverBudgetError(Exception):
    """A section that has used its time. What it found until then is kept."""


class Budget:
    """Counts from where it is made. seconds: what may be used; 0 or less is used up at once."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._started = clock()

    @property
    def left(self) -> float:
        """Seconds, never below 0."""
        return max(0.0, self._started + self.seconds - self._clock())

    def check(self, left_out: str) -> None:
        """To be called before each part. left_out: what is not measured from here on.

        Raises OverBudgetError.
        """
        if not self.left:
            raise OverBudgetError(
                f"stopped after its {self.seconds:.0f} s; not measured: {left_out}"
            )
