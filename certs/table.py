"""Rows as they come: aligned on a terminal, a plain line each in a pipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

COLUMN = len("already trusted")  # the longest outcome


@dataclass(frozen=True)
class Line:
    """well: None where it is neither good nor bad."""

    name: str
    outcome: str
    well: bool | None
    notes: tuple[str, ...] = ()


class Rows:
    """with Rows(console, "stores") as rows: rows.show(line)

    On a terminal only the last line is live: it says that there is more to come. A
    row is printed once, above it, and wrapped by the terminal alone: whatever the
    width, it is whole, and a command in it can be copied. NO_COLOR and a missing
    terminal are rich's to see to.
    """

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._live: Live | None = None

    def __enter__(self) -> Rows:
        if self._console.is_terminal and not self._console.quiet:
            # "line" is ASCII: another locale than UTF-8 cannot show the dots.
            dots = self._console.encoding.startswith("utf")
            more = Spinner("dots" if dots else "line", text=self._title)
            self._live = Live(more, console=self._console, refresh_per_second=8, transient=True)
            try:
                self._live.start(refresh=True)
            except BaseException:
                self._live.stop()  # the cursor is hidden by then
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, line: Line) -> None:
        if self._console.is_terminal:
            colour = {True: "green", False: "red", None: "yellow"}[line.well]
            notes = (f"\n    {note}" for note in line.notes)
            gap = " " * (COLUMN - len(line.outcome) + 2)
            row = Text.assemble((line.outcome, colour), gap, line.name, *notes)
            self._console.print(row, soft_wrap=True)
        elif not self._console.quiet:
            self._print(line)

    def _print(self, line: Line) -> None:
        print(f"{self._title}: {line.name}: {line.outcome}", file=self._console.file, flush=True)
        for note in line.notes:
            print(f"    {note}", file=self._console.file, flush=True)

    def show_all(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.show(line)
