"""How long the words of make take, without Docker, on a stack of their own."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench import figures
from bench.programs import MissingError, free_port
from certs.dotenv import CHECKOUT

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waited:
    what: str
    seconds: float  # the median
    spread: float


def on_make(folder: Path, rounds: int) -> list[Waited]:
    """Raises MissingError where the stack does not start here."""
    log.info("make up, status and down")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        "MODE": "local",
        "HOME": str(folder),
        "CA_HOME": str(folder / "make-ca"),
        "LEAF_DIR": str(folder / "make-leaf"),
        "STATE_DIR": str(folder / "make"),
        "HTTPS_PORT": str(free_port()),
        "HTTP_PORT": str(free_port()),
    }
    found: dict[str, list[float]] = {}
    try:
        _seconds("up", env)  # makes the authority, which the next ones have
        _seconds("down", env)
        for _ in range(rounds):
            found.setdefault("`make up`", []).append(_seconds("up", env))
            found.setdefault("`make up`, nothing to do", []).append(_seconds("up", env))
            found.setdefault("`make status`", []).append(_seconds("status", env))
            found.setdefault("`make down`", []).append(_seconds("down", env))
    finally:
        subprocess.run(["make", "down"], cwd=CHECKOUT, env=env, capture_output=True, check=False)
    return [
        Waited(what, figures.median(values), figures.spread(values))
        for what, values in found.items()
    ]


def _seconds(target: str, env: dict[str, str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        ["make", target], cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise MissingError(f"make {target} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return time.perf_counter() - started
