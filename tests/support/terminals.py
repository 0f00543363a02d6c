"""What a program prints at a terminal of the test's own."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from certs.dotenv import CHECKOUT
from tests.support.certificates import environment

TERMINAL = CHECKOUT / "tests/machine/inside/terminal.py"


LINES = 24


def at_terminal(
    argv: Sequence[str],
    folder: Path,
    columns: int,
    answers: Sequence[tuple[str, str]] = (),
    **env: str,
) -> str:
    """All that the command writes to a terminal of its own; it exits with 0."""
    told = {
        "argv": argv,
        "columns": columns,
        "lines": LINES,
        "seconds": 60,
        "answers": answers,
    }
    done = subprocess.run(
        [sys.executable, str(TERMINAL)],
        input=json.dumps(told),
        env=environment(folder, TERM="xterm-256color", **env),
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    seen = json.loads(done.stdout)
    raw = base64.b64decode(seen["output"]).decode()
    assert seen["code"] == 0, raw
    return raw
