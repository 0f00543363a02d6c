"""The programs that are measured: started, waited for, stopped, and what CPU they have used."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from certs.errors import RefusalError

_DEADLINE = 20.0  # seconds until a program answers
_STOP_DEADLINE = 10.0
_POLL = 0.02


class MissingError(RefusalError):
    """A contender that this machine has not, or that does not start here. The text says why."""


def free_port() -> int:
    """A port of the loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answers(where: int | Path) -> bool:
    """Whether something listens on a port of the loopback, or on a Unix socket."""
    try:
        if isinstance(where, int):
            socket.create_connection(("127.0.0.1", where), 1).close()
        else:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(where))
    except OSError:
        return False
    return True


class Programs:
    """What was started here, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        """folder: for logs and configurations; made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        where: int | Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Tree:
        """Returns when it answers. Raises MissingError with the end of its log."""
        path = self.folder / f"{len(self._started)}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd or self.folder,
                start_new_session=True,
            )
        self._started.append(process)

        def ready() -> bool:
            if process.poll() is not None:
                raise MissingError(f"{name} ended at its start: {_last_line(path)}")
            return answers(where)

        if not _until(ready, _DEADLINE):
            raise MissingError(f"{name} did not answer in {_DEADLINE:.0f} s: {_last_line(path)}")
        return Tree(process.pid)

    def stop(self) -> None:
        families = [_family(process.pid) for process in self._started if process.poll() is None]
        for family in families:
            # Each is a session of its own, and some leave their children behind.
            os.killpg(family[0].pid, signal.SIGTERM)
        family = list(itertools.chain(*families))
        for left in psutil.wait_procs(family, _STOP_DEADLINE)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        psutil.wait_procs(family, _STOP_DEADLINE)
        for process in self._started:
            process.wait()


class Tree:
    """Programs that do one thing together, and their children."""

    def __init__(self, *pids: int) -> None:
        self._first = pids
        self.processes = [psutil.Process(pid) for pid in pids]

    def find(self) -> None:
        """The children: many listen before they start them. Costs too much for a window."""
        self.processes = [process for pid in self._first for process in _family(pid)]

    def cpu(self) -> float:
        """Seconds of CPU used until now."""
        return sum(map(_cpu, self.processes))

    def resident(self) -> int:
        """Bytes in memory. What two of its processes share counts twice."""
        return sum(process.memory_info().rss for process in self.processes)


def _family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    if sys.platform == "linux":
        # The clock of clock_getcpuclockid(3), which Python has no name for. /proc counts in
        # hundredths of a second: a window has a few of them.
        return time.clock_gettime((~process.pid << 3) | 2)
    times = process.cpu_times()
    return float(times.user + times.system)


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(_POLL)
    return True


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "it printed nothing"
