"""What local mode's processes wrote."""

from __future__ import annotations

import os
from pathlib import Path

from stack.base import StackError

_LINES = 20


class Logs:
    """folder: one file a process, or more where supervisord began a new one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marks: dict[str, int] = {}

    def mark(self) -> None:
        """From here on `of` shows what is written, and nothing of earlier runs."""
        self._marks = {path.name: path.stat().st_size for path in self._folder.iterdir()}

    def of(self, name: str) -> str:
        """What it wrote; where that is nothing, what supervisord has to say of it."""
        ended = [line for line in self.written("supervisord") if f" exited: {name} (" in line]
        lines = self.written(name) or ["(it wrote nothing)", *ended]
        return "\n".join(f"  {line}" for line in lines[-_LINES:])

    def follow(self, *, on: bool) -> None:
        """This process becomes tail, so that Ctrl-C and a signal end tail. Raises StackError."""
        names = [str(path) for path in sorted(self._folder.glob("*.log"))]
        if not names:
            raise StackError("there are no logs yet; start the stack: make up")
        os.execvp("tail", ["tail", "-n", "100", *(["-F"] if on else []), *names])  # noqa: S606

    def written(self, name: str) -> list[str]:
        """All its lines that are kept and not before the mark, the oldest first."""
        lines: list[str] = []
        for path in sorted(self._folder.glob(f"{name}.*"), reverse=True):  # .log.2, .log.1, .log
            data = path.read_bytes()
            mark = self._marks.get(path.name, 0)
            # Smaller than it was: supervisord began a new one.
            new = data[mark:] if len(data) >= mark else data
            lines += new.decode(errors="replace").splitlines()
        return lines
