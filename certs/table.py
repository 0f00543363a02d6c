"""Rows as they come: a live table on a terminal, a plain line each in a pipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Line:
    """well: None where it is neither good nor bad."""

    name: str
    outcome: str
    well: bool | None
    notes: tuple[str, ...] = ()


def _width(line: Line) -> int:
    return len(line.outcome)


class Rows:
    """with Rows(console, "stores") as rows: rows.show(line)

    NO_COLOR and a missing terminal are rich's to see to.
    """

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._lines: list[Line] = []
        self._live: Live | None = None

    def __enter__(self) -> Rows:
        if self._console.is_terminal:
            self._live = Live(self._table(), console=self._console, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.update(self._table(done=True))
            self._live.stop()

    def show(self, line: Line) -> None:
        self._lines.append(line)
        if self._live:
            self._live.update(self._table())
        elif not self._console.quiet:
            self._print(line)

    def _print(self, line: Line) -> None:
        print(f"{self._title}: {line.name}: {line.outcome}", file=self._console.file, flush=True)
        for note in line.notes:
            print(f"    {note}", file=self._console.file, flush=True)

    def show_all(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.show(line)

    def _table(self, *, done: bool = False) -> Table:
        table = Table.grid(padding=(0, 2))
        # The outcome is what is looked for: a narrow terminal may not shrink it.
        table.add_column(no_wrap=True, min_width=max(map(_width, self._lines), default=0))
        table.add_column(overflow="fold", min_width=20)
        table.add_column(overflow="fold")
        for line in self._lines:
            colour = {True: "green", False: "red", None: "yellow"}[line.well]
            notes = Text("\n".join(line.notes))
            table.add_row(Text(line.outcome, colour), Text(line.name), notes)
        if not done:
            table.add_row(Spinner("dots"), self._title, "")
        return table
