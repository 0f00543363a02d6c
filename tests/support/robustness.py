"""python -m tests.support.robustness: writes docs/robustness.md from what the tests saw last.

A test records a row: its section, the case, the mode, what was seen in words, and figures. Each
row is a file of its own, so that tests which run at once do not meet; a later run of the same
test replaces it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby

from certs import files
from certs.dotenv import CHECKOUT

FOLDER = CHECKOUT / "test-results" / "robustness"
PAGE = CHECKOUT / "docs" / "robustness.md"

MEMORY = "memory a connection (MiB)"
ENOUGH = 1_000_000  # messages, of a run at full length

_INTRODUCTION = """\
# Robustness

What the tests saw when they broke the stack. Beside each case, well-behaved WebSockets echo
numbered messages of 1 byte to 70 kB, and new ones connect all the while; a message that is lost,
doubled or torn fails the test. In the tables:

- **close codes**: how open connections ended. 1012 is a Close frame, and 1006 stands for an end
  without one. Empty: no connection ended.
- **heard after**: from the fault to the first end of a connection.
- **served again**: the longest that a client, new or cut, tried until it had an echo.
- **worst latency**: the longest from a burst of eight messages to its last echo, on a connection
  that stayed.
- **neighbour's worst latency**: the same, beside a hostile client, whose own answer is in **seen**.
- **memory a connection**: what app and nginx together had more than before, at its highest, divided
  by the hostile connections of the case.

This page is written by `make soak`, from a run of its tests, which checked {messages} messages.
"""


@dataclass(frozen=True)
class Row:
    section: str
    case: str
    mode: str
    seen: str  # what a client sees and what acts, in a sentence
    figures: Mapping[str, float | int | str]


def record(row: Row) -> None:
    name = re.sub(r"\W+", "-", f"{row.section} {row.case} {row.mode}".lower())
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = json.dumps(asdict(row), indent=2).encode()
    files.write(FOLDER / f"{name}.json", data, files.PUBLIC)


def rows() -> list[Row]:
    found = [Row(**json.loads(path.read_bytes())) for path in FOLDER.glob("*.json")]
    return sorted(found, key=lambda row: (row.section, row.case, row.mode))


def page(found: list[Row]) -> str:
    parts = [_INTRODUCTION.format(messages=_shown(messages(found)))]
    for section, these in groupby(found, key=lambda row: row.section):
        shown = list(_merged(these))
        parts.append(f"## {section}\n\n{_worst(shown)}{_table(shown)}\n")
    return "\n".join(parts)


def _worst(these: list[Row]) -> str:
    """In a sentence: the two cases that cost most memory a connection."""
    costs: dict[str, float] = {}
    for row in these:
        if MEMORY in row.figures:
            costs[row.case] = max(costs.get(row.case, 0), float(row.figures[MEMORY]))
    most = sorted(costs.items(), key=lambda item: item[1], reverse=True)[:2]
    told = ", then ".join(f"{cost:.0f} MiB ({case})" for case, cost in most)
    return f"Worst memory of one hostile connection: {told}.\n\n" if told else ""


def _merged(these: Iterable[Row]) -> Iterator[Row]:
    """One row for both modes where nothing differs between them."""
    for _, modes in groupby(these, key=lambda row: (row.case, row.seen)):
        first, *others = modes
        if others and all(other.figures == first.figures for other in others):
            yield replace(first, mode="both")
        else:
            yield from (first, *others)


def messages(found: list[Row]) -> int:
    return sum(int(row.figures.get("messages", 0)) for row in found)


def _table(these: list[Row]) -> str:
    columns = list(dict.fromkeys(name for row in these for name in row.figures))
    lines = [["case", "mode", "seen", *columns], ["---"] * (3 + len(columns))]
    for row in these:
        figures = [_shown(row.figures.get(name, "")) for name in columns]
        lines.append([row.case, row.mode, row.seen, *figures])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(value: float | int | str) -> str:
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)


def main() -> None:
    found = rows()
    files.write(PAGE, page(found).encode(), files.PUBLIC)
    print(f"wrote {PAGE.relative_to(CHECKOUT)}: {len(found)} rows, {messages(found)} messages")
    if messages(found) < ENOUGH:
        raise SystemExit(f"{messages(found)} messages are fewer than {ENOUGH}; again: make soak")


if __name__ == "__main__":
    main()
