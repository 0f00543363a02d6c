"""Prints the rows of stores and clients as they come, aligned on a terminal and as plain lines
in a pipe; or all of them as JSON at the end."""

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


# The explanations of rows that are not ok.
STORES = "docs/trust.md#stores"
NAMES = "docs/trust.md#names-that-lead-here"
CLIENTS = "docs/trust.md#what-a-row-says"


@dataclass(frozen=True)
class Check:
    """One row of the proof."""

    see: ClassVar[str] = CLIENTS

    client: str
    verdict: Verdict
    why: str = ""
    fix: str = ""

    @property
    def ok(self) -> bool | None:
        """None if the row is neither good nor bad."""
        return {Verdict.PASS: True, Verdict.FAIL: False}.get(self.verdict)


class NameCheck(Check):
    """The row for a name that does not lead to the stack."""

    see: ClassVar[str] = NAMES


@dataclass(frozen=True)
class Line:
    """One printed row. well: None if the row is neither good nor bad."""

    name: str
    outcome: str
    ok: bool | None
    notes: tuple[str, ...] = ()


class Rows:
    """with Rows(console, "stores") as rows: rows.show(line)

    On a terminal only the last line is live: it shows that the work goes on. Each row is
    printed once, above that line. Only the terminal wraps a row, so that the user can copy
    a command from it. rich handles NO_COLOR and a missing terminal.
    """

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._live: Live | None = None

    def __enter__(self) -> Rows:
        if self._console.is_terminal and not self._console.quiet:
            # "line" is ASCII: a locale without UTF-8 cannot show the dots.
            dots = self._console.encoding.startswith("utf")
            more = Spinner("dots" if dots else "line", text=self._title)
            self._live = Live(more, console=self._console, refresh_per_second=8, transient=True)
            try:
                self._live.start(refresh=True)
            except BaseException:
                self._live.stop()  # shows the cursor again
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


# A name is written to /etc/hosts, not trusted.
_WORDS_OF_NAMES = {Outcome.ALREADY: "already there", Outcome.TRUSTED: "written now"}


def stores(console: Console, rows: Iterable[Row]) -> list[Row]:
    """Shows each store's row when it comes, and returns all rows."""
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
    """Shows each client's row when it comes, and returns all rows."""
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
    """Returns the exit status, and prints JSON with as_json (docs/report.schema.json)."""
    # The first row is the stack. A stack that is down (UNKNOWN) is not a failure, because
    # clients are then proven against a test server. A bad leaf (FAIL) is one.
    refused = checks[:1] and checks[0].verdict is Verdict.FAIL
    # NEEDS_ENV counts as proven: this command cannot set variables in the user's shell.
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
