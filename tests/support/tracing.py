"""Faults at system calls, by strace: it says where a program writes, and makes one of these
calls fail, or ends the program there."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Whatever changes a file or a folder.
_CALLS = (
    *("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "utimensat"),
    *("mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown"),
)
_LINE = re.compile(r"^(\w+)\((.*)")


@dataclass(frozen=True)
class Point:
    """A system call of a program: the number-th of this name."""

    call: str
    number: int


@functools.cache
def why_not() -> str | None:
    """Why nothing can be traced here; None where it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "strace may not trace here"


def write_points(command: list[str], env: Mapping[str, str], folder: Path) -> list[Point]:
    """Where this program writes inside this folder, which is done to the end."""
    calls = ",".join(_CALLS)
    done = _strace(command, env, "-y", "-e", f"trace={calls}")
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    points = []
    for line in done.stderr.splitlines():
        if found := _LINE.match(line):
            seen[found[1]] += 1
            if str(folder) in found[2] and "O_RDONLY" not in found[2]:
                points.append(Point(found[1], seen[found[1]]))
    return points


def run_with_fault(
    command: list[str], env: Mapping[str, str], point: Point, fault: str
) -> subprocess.CompletedProcess[str]:
    """fault: as strace's inject takes it, such as error=ENOSPC or signal=KILL; a signal comes
    before the call is made."""
    inject = f"inject={point.call}:{fault}:when={point.number}"
    return _strace(command, env, "-e", f"trace={point.call}", "-e", inject)


def _strace(
    command: list[str], env: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["strace", "--quiet=all", "--signal=none", *options, *command],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
