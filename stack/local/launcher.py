"""python -m stack.local.launcher STATE_DIR NAME [--detach]: becomes the process NAME.

supervisord starts every process through this, so that it is recorded by itself
(see stack.local.processes), at each restart, before it runs. supervisord itself is
started so too, detached: in a session of its own, and nobody's child.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from certs import files
from stack.local import processes

_PATIENCE = 5.0


@dataclass(frozen=True)
class Program:
    """What a process is to be. environment is added to what is there."""

    argv: list[str]
    environment: dict[str, str]
    folder: str
    revision: str = ""  # changes when it must be restarted for another reason
    files: str = ""  # changes when it must read its files again, which it does while it runs
    stale: list[str] = field(default_factory=list)  # sockets a killed one leaves in its own way


def runs(state_dir: Path, name: str, program: Program) -> bool:
    """Whether what was started last under this name is this very program, whatever
    files it has read."""
    return processes.note(state_dir / "pids", name, "program") == _digest(program)


def has_read(state_dir: Path, name: str, program: Program) -> bool:
    return processes.note(state_dir / "pids", name, "files") == program.files


def write(state_dir: Path, name: str, program: Program) -> None:
    files.write(_path(state_dir, name), _dump(program), files.SECRET)


def read(state_dir: Path, name: str) -> Program | None:
    """What was written last under this name; None where there is nothing."""
    path = _path(state_dir, name)
    return Program(**json.loads(path.read_bytes())) if path.exists() else None


def forget(state_dir: Path, name: str) -> None:
    """There is to be no such process."""
    _path(state_dir, name).unlink(missing_ok=True)


def known(state_dir: Path, name: str) -> bool:
    return _path(state_dir, name).exists()


def main() -> None:
    state_dir, name = Path(sys.argv[1]), sys.argv[2]
    if "--detach" in sys.argv:
        if os.fork():
            os._exit(0)
        os.setsid()
    program = Program(**json.loads(_path(state_dir, name).read_bytes()))
    # What is left of a predecessor that was killed would hold its port.
    processes.stop(processes.recorded(state_dir / "pids", name), _PATIENCE)
    processes.record(state_dir / "pids", name, program=_digest(program), files=program.files)
    for socket in program.stale:
        Path(socket).unlink(missing_ok=True)
    os.chdir(program.folder)
    os.environ.update(program.environment)
    os.execv(program.argv[0], program.argv)  # noqa: S606 # no shell is wanted


def _digest(program: Program) -> str:
    return hashlib.sha256(_dump(replace(program, files=""))).hexdigest()


def _dump(program: Program) -> bytes:
    return json.dumps(asdict(program), indent=2).encode()


def _path(state_dir: Path, name: str) -> Path:
    return state_dir / "programs" / f"{name}.json"


if __name__ == "__main__":
    main()
