"""The certs process, while it runs."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.certificates import environment
from tests.support.waiting import until

PROGRAM = [sys.executable, "-W", "error", "-m", "certs"]


class Watch:
    """One `certs watch` as a process, and what it wrote."""

    def __init__(self, folder: Path, program: Sequence[str], **env: str) -> None:
        self.folder = folder
        self.healthy = folder / "healthy"
        self._log = folder / "watch.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*program, "watch", "--healthy", str(self.healthy)],
                env=environment(folder, **env),
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def until(self, *, healthy: bool) -> None:
        def as_wanted() -> bool:
            assert self.process.poll() is None, f"it ended:\n{self.log}"
            return self.healthy.exists() is healthy

        until(as_wanted, f"healthy to be {healthy}; it wrote:\n{self.log}", seconds=10)

    def look_on(self, times: int) -> None:
        """Until it has looked so many times more (with the program looking_often)."""
        before = self.log.count("look\n")
        until(lambda: self.log.count("look\n") >= before + times, "looks", seconds=10)

    def assert_not_said_again(self, text: str) -> None:
        self.look_on(2)  # the change is over, so that no look sees half of it
        said = self.log.count(text)
        assert said, self.log
        self.look_on(5)
        assert self.log.count(text) == said, self.log

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)  # seconds; a busy machine takes some


@contextlib.contextmanager
def watching(folder: Path, program: Sequence[str] = PROGRAM, **env: str) -> Iterator[Watch]:
    watch = Watch(folder, program, **env)
    try:
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait(10)
