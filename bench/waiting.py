"""What a user waits for, without Docker, on a stack of their own."""

from __future__ import annotations

import logging
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import figures
from bench.budget import Budget
from bench.programs import MissingError, free_port
from bench.saved import FIRST, answer_of, write_app
from certs import all_settings
from certs.dotenv import CHECKOUT

log = logging.getLogger(__name__)

_LONGEST = 180.0  # seconds, of one command
COLD = "`make up`, fresh clone"
WARM = "`make up`"
NOTHING = "`make up`, nothing to do"
STATUS = "`make status`"
DOWN = "`make down`"
SAVED = "a saved file to its first answer"
# What no user has in a fresh clone.
_LEFT_OUT = (".git", ".venv*", ".run", "out", "test-results", "node_modules", "*cache*", "*.pyc")


@dataclass(frozen=True)
class Waited:
    """The median of some times, in seconds; missing: why there is none."""

    what: str
    times: int = 0
    seconds: float = 0.0
    spread: float = 0.0
    missing: str = ""


class Waits:
    """Times by what was waited for."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}
        self._failed: dict[str, str] = {}

    def take(self, what: str, wait: Callable[[], object]) -> None:
        """Counts how long wait takes. One that fails is missing, and is not tried again."""
        if what in self._failed:
            return
        started = time.perf_counter()
        try:
            wait()
        except (MissingError, OSError) as error:
            log.warning("%s: %s", what, error)
            self.fail(what, str(error))
        else:
            self.add(what, time.perf_counter() - started)

    def add(self, what: str, seconds: float) -> None:
        self._found.setdefault(what, []).append(seconds)

    def fail(self, what: str, why: str) -> None:
        self._found.setdefault(what, [])
        self._failed[what] = why

    def rows(self) -> list[Waited]:
        return [
            Waited(what, missing=self._failed[what])
            if what in self._failed
            else Waited(what, len(times), figures.median(times), figures.spread(times))
            for what, times in self._found.items()
        ]


class Words:
    """The words of make, in a checkout, with folders and ports of its own."""

    def __init__(self, folder: Path, checkout: Path = CHECKOUT, **env: str) -> None:
        self._checkout = checkout
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
            **dict.fromkeys(all_settings.NAMES, ""),
            "MODE": "local",
            "HOME": str(folder),
            "CA_HOME": str(folder / "make-ca"),
            "LEAF_DIR": str(folder / "make-leaf"),
            "STATE_DIR": str(folder / "make"),
            "HTTPS_PORT": str(self.port),
            "HTTP_PORT": str(free_port()),
            **env,
        }

    @property
    def root(self) -> Path:
        return Path(self.env["CA_HOME"]) / "root.pem"

    def __call__(self, target: str) -> None:
        """Raises MissingError."""
        run(["make", target], self._checkout, self.env)


def run(command: list[str], cwd: Path, env: Mapping[str, str], seconds: float = _LONGEST) -> None:
    """Raises MissingError."""
    words = " ".join(command)
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MissingError(f"{words} took more than {seconds:.0f} s") from error
    if done.returncode != 0:
        raise MissingError(f"{words} failed: {(done.stdout + done.stderr).strip()[-300:]}")


def copy_of_the_checkout(to: Path) -> Path:
    """As a fresh clone, with what is not committed yet."""
    shutil.copytree(CHECKOUT, to, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return to


def on_make(folder: Path, rounds: int, waits: Waits, budget: Budget) -> None:
    """make up in a stack that has been up before, and its kin. Raises OverBudgetError."""
    log.info("make up, status and down")
    words = Words(folder)
    try:
        words("up")  # makes the authority, which the next ones have
        words("down")
        for _ in range(rounds):
            budget.check("more rounds of make up, status and down")
            waits.take(WARM, lambda: words("up"))
            waits.take(NOTHING, lambda: words("up"))
            waits.take(STATUS, lambda: words("status"))
            waits.take(DOWN, lambda: words("down"))
    finally:
        _stop(words)


def on_cold_make(folder: Path, waits: Waits) -> None:
    """make up in a fresh clone: packages are installed, and everything is minted."""
    log.info("make up in a fresh clone")
    checkout = copy_of_the_checkout(folder / "clone")
    words = Words(folder / "cold", checkout, **_pip_settings())
    (folder / "cold").mkdir()
    try:
        waits.take(COLD, lambda: words("up"))
    finally:
        _stop(words)
        shutil.rmtree(checkout, ignore_errors=True)


def _pip_settings() -> dict[str, str]:
    """The user's settings of pip, an index for one, which are in the HOME that is hidden."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pip/pip.conf"
    return {"PIP_CONFIG_FILE": str(config)} if config.exists() else {}


def on_saved(folder: Path, rounds: int, waits: Waits, budget: Budget) -> None:
    """Raises OverBudgetError, MissingError."""
    log.info("a saved file to its first answer")
    app = write_app(folder / "saved", FIRST)
    # `make up` refuses nothing here that a user's own app would not meet.
    words = Words(folder / "saved", APP="main:app", APP_DIR=str(app.parent))
    try:
        words("up")
        trusted = ssl.create_default_context(cafile=str(words.root))
        answer_of(words.port, trusted, FIRST)
        for number in range(rounds):
            budget.check("more saved files")
            text = f"saved {number}"

            def save(text: str = text) -> None:
                write_app(folder / "saved", text)
                answer_of(words.port, trusted, text)

            waits.take(SAVED, save)
    finally:
        _stop(words)


def _stop(words: Words) -> None:
    try:
        words("down")
    except MissingError as error:
        log.warning("%s", error)
