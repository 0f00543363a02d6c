"""python -m stack.local.launcher STATE_DIR NAME: becomes the process NAME.

supervisord starts every process through this launcher, which records the process (see
stack.local.processes) before each start. It imports the launcher and saves the new Python; see
stack.local.supervisord.
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
    """The program of a process. environment is added to supervisord's."""

    argv: list[str]
    environment: dict[str, str]
    folder: str
    revision: str = ""  # changes if the process must restart for another reason
    files: str = ""  # changes if the process must reload its files, without a restart
    stale: list[str] = field(default_factory=list)  # sockets of a killed process, to be removed


def runs(state_dir: Path, name: str, program: Program) -> bool:
    """Whether the process that was started last under this name has this program. `files` is
    not compared."""
    return processes.note(state_dir / "pids", name, "program") == _digest(program)


def has_read(state_dir: Path, name: str, program: Program) -> bool:
    return processes.note(state_dir / "pids", name, "files") == program.files


def write(state_dir: Path, name: str, program: Program) -> None:
    files.write(_path(state_dir, name), _dump(program), files.SECRET)


def read(state_dir: Path, name: str) -> Program | None:
    """The program that was written last under this name; None if there is none."""
    path = _path(state_dir, name)
    return Program(**json.loads(path.read_bytes())) if path.exists() else None


def forget(state_dir: Path, name: str) -> None:
    """Removes the program of a process that is no longer wanted."""
    _path(state_dir, name).unlink(missing_ok=True)


def known(state_dir: Path, name: str) -> bool:
    return _path(state_dir, name).exists()


def become(state_dir: Path, name: str) -> None:
    """Replaces the calling process by the program that was written last under this name."""
    program = Program(**json.loads(_path(state_dir, name).read_bytes()))
    # Processes that a killed predecessor left would still have its port.
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
    become(Path(sys.argv[1]), sys.argv[2])
