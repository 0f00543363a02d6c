"""make status, down and logs on a checkout where make up never ran: nothing is installed for them.

Without .venv nothing runs in local mode, and for Docker its own commands answer.
bootstrap.py runs this before anything is installed: only the standard library, and syntax
that an older Python 3 still reads.
"""

import os
import subprocess
import sys
from pathlib import Path

# Each with what Compose calls it.
COMMANDS = {
    "status": ["ps", "--all"],
    "down": ["down", "--remove-orphans"],
    "logs": ["logs", "--tail", "100", "--follow"],
}


def is_fresh(checkout: Path) -> bool:
    """Whether make up never ran here: its records may stay when .venv is deleted."""
    state = Path(os.environ.get("STATE_DIR") or str(checkout / ".run"))
    return not os.path.lexists(str(checkout / ".venv")) and not state.exists()


def answer(checkout: Path, command: str) -> int:
    """Returns the exit status."""
    if _in_docker(checkout):
        return subprocess.call(["docker", "compose", *COMMANDS[command]], cwd=str(checkout))
    runs = "nothing runs" if command == "down" else "nothing runs; start it: make up"
    print(f"wss-stack: {runs}", file=sys.stderr)
    return 0 if command == "down" else 1


def _in_docker(checkout: Path) -> bool:
    command = ["docker", "compose", "ps", "--all", "--quiet"]
    try:
        done = subprocess.run(
            command,
            cwd=str(checkout),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=15,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(done.stdout.strip())
