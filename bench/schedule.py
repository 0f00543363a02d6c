"""When the messages of an open loop are due."""

from __future__ import annotations


class Schedule:
    """When messages are due: evenly, from a start. Times are seconds."""

    def __init__(self, start: float, rate: float) -> None:
        self._start, self._rate = start, rate
        self._sent = 0

    def due(self, now: float) -> list[float]:
        """The times of all that are due by now and were not returned before."""
        first, self._sent = self._sent, max(self._sent, int((now - self._start) * self._rate) + 1)
        return [self._start + n / self._rate for n in range(first, self._sent)]
