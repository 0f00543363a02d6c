"""Rows of stores and clients as they come: aligned on a terminal, a plain line each in a
pipe; and the whole as JSON at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import ClassVar

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from trust.clients.base import Verdict
from trust.stores import hosts_file
from trust.stores.change import Outcome, Row

COLUMN = len("already trusted")  # the longest outcome


# Where a row that is not ok is explained.
STORES = "docs/trust.md#stores"
NAMES = "docs/trust.md#names-that-lead-here"
CLIENTS = "docs/trust.md#what-a-row-says"


@dataclass(frozen=True)
class Check:
    """A row of the proof."""

    see: ClassVar[str] = CLIENTS

    client: str
    verdict: Verdict
    why: str = ""
    fix: str = ""

    @property
    def ok(self) -> bool | None:
        """None where it is neither good nor bad."""
        return {Verdict.PASS: True, Verdict.FAIL: False}.get(self.verdict)


class NameCheck(Check):
    """The row of a name that does not lead to the stack."""

    see: ClassVar[str] = NAMES


@dataclass(frozen=True)
class Line:
    """well: None where it is neither good nor bad."""

    name: str
    outcome: str
    ok: bool | None
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
            colour = {True: "green", False: "red", None: "yellow"}[line.ok]
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


# A name is not trusted, it is written.
_WORDS_OF_NAMES = {Outcome.ALREADY: "already there", Outcome.TRUSTED: "written now"}


def stores(console: Console, rows: Iterable[Row]) -> list[Row]:
    """Shows each row when it comes, and returns them all."""
    seen: list[Row] = []
    with Rows(console, "store") as table:
        for row in rows:
            seen.append(row)
            fix = f"fix: {row.fix}" if row.fix else ""
            of_names = row.kind == hosts_file.KIND
            see = "" if row.ok else f"see {NAMES if of_names else STORES}"
            words = _WORDS_OF_NAMES if of_names else {}
            notes = tuple(filter(None, (row.why, *row.commands, fix, see)))
            ok = None if row.outcome is Outcome.PLANNED else row.ok
            table.show(Line(row.title, words.get(row.outcome, row.outcome.value), ok, notes))
    return seen


def clients(console: Console, checks: Iterable[Check]) -> list[Check]:
    """Likewise, for the proof."""
    seen: list[Check] = []
    with Rows(console, "client") as table:
        for check in checks:
            seen.append(check)
            fix = f"fix: {check.fix}" if check.fix else ""
            see = "" if check.ok else f"see {check.see}"
            notes = tuple(filter(None, (check.why, fix, see)))
            table.show(Line(check.client, check.verdict.value, check.ok, notes))
    return seen


def answer(as_json: bool, rows: list[Row], checks: list[Check]) -> int:
    """The exit status; with as_json, the whole for programs (docs/report.schema.json)."""
    # The first row is the stack: being down is no fault of a client's. What it serves
    # may be: then no client can pass, whatever it was proven against.
    refused = checks[:1] and checks[0].verdict is Verdict.FAIL
    # Variables of the user's shell are not this command's to set: what only needs them
    # was proven, and fails nothing.
    proven = all(c.verdict in (Verdict.PASS, Verdict.NEEDS_ENV) for c in checks[1:])
    ok = all(row.ok for row in rows) and proven and not refused
    if as_json:
        told = {
            "ok": ok,
            "stores": [{**asdict(row), "outcome": row.outcome.name.lower()} for row in rows],
            "clients": [
                {**asdict(check), "verdict": check.verdict.name.lower()} for check in checks
            ],
        }
        print(json.dumps(told, indent=2))
    return 0 if ok else 1
