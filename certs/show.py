"""What became of stores and clients: rows as they come, and at the end JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console

from certs.clients.base import Verdict
from certs.doctor import Check
from certs.table import Line, Rows
from certs.trust import Outcome, Row


def stores(console: Console, rows: Iterable[Row]) -> list[Row]:
    """Shows each row when it comes, and returns them all."""
    seen: list[Row] = []
    with Rows(console, "store") as table:
        for row in rows:
            seen.append(row)
            notes = (row.why, *row.commands, f"mend it: {row.mend}" if row.mend else "")
            well = None if row.outcome is Outcome.PLANNED else row.well
            table.show(Line(row.title, row.outcome.value, well, tuple(filter(None, notes))))
    return seen


def clients(console: Console, checks: Iterable[Check]) -> list[Check]:
    """Likewise, for the proof."""
    seen: list[Check] = []
    with Rows(console, "client") as table:
        for check in checks:
            seen.append(check)
            notes = (check.why, f"mend it: {check.mend}" if check.mend else "")
            table.show(
                Line(check.client, check.verdict.value, check.well, tuple(filter(None, notes)))
            )
    return seen


def answer(as_json: bool, rows: list[Row], checks: list[Check]) -> int:
    """The exit status; with as_json, the whole for programs (docs/report.schema.json)."""
    # The first row is the stack: being down is no fault of a client's. What it serves
    # may be: then no client can pass, whatever it was proven against.
    refused = checks[:1] and checks[0].verdict is Verdict.FAIL
    well = all(row.well for row in rows) and all(c.well for c in checks[1:]) and not refused
    if as_json:
        told = {
            "ok": well,
            "stores": [{**asdict(row), "outcome": row.outcome.name.lower()} for row in rows],
            "clients": [
                {**asdict(check), "verdict": check.verdict.name.lower()} for check in checks
            ],
        }
        print(json.dumps(told, indent=2))
    return 0 if well else 1
