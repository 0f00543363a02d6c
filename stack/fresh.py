"""make status, down and logs in a checkout where make up never ran, without installing anything.

Without .venv nothing runs in local mode, and `docker compose` answers for Docker.
bootstrap.py imports this module before anything is installed, so it uses the standard library
alone, in a syntax that an old Python 3 can read.
"""

import os
import subprocess
import sys
from pathlib import Path

# make's commands, with Compose's arguments for each.
COMMANDS = {
    "status": ["ps", "--all"],
    "down": ["down", "--remove-orphans"],
    "logs": ["logs", "--tail", "100", "--follow"],
}


def is_fresh(checkout: Path) -> bool:
    """Whether make up never ran here. Its records too must be missing: a user may have deleted
    .venv alone."""
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
