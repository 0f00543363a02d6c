"""Shows rows of stores at a terminal: all at once, with lines in between, or without an end.

usage: rows (all | saying | waiting), with {"note": ..., "rows": {name: outcome}} in ROWS
"""

from __future__ import annotations

import json
import os
import sys
import threading

from rich.console import Console

from trust.rows import Line, Rows

told = json.loads(os.environ["ROWS"])
console = Console(emoji=False, highlight=False)
lines = [Line(name, outcome, None, (told["note"],)) for name, outcome in told["rows"].items()]


def saying() -> None:
    with Rows(console, "store") as rows:
        rows.show(lines[0])
        console.print("said " + 12 * "long ", markup=False, soft_wrap=True)
        rows.show(lines[1])
        print("printed")
        rows.show(lines[2])


def waiting() -> None:
    try:
        with Rows(console, "store") as rows:
            rows.show_all(lines[:2])
            # By a thread: an interrupt may come in the middle of it, and it would be repeated.
            threading.Thread(target=console.print, args=["type now"]).start()
            threading.Event().wait()
    except KeyboardInterrupt:
        print("interrupted")


def all_at_once() -> None:
    with Rows(console, "store") as rows:
        rows.show_all(lines)


{"all": all_at_once, "saying": saying, "waiting": waiting}[sys.argv[1]]()
