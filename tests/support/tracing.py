"""Faults at system calls, by strace: it says where a program writes, and makes one of these
calls fail, or ends the program there."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
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
_TREE_LINE = re.compile(r"^(\d+) +(\w+)\((.*)")
_WORKING_FOLDER = re.compile("AT_FDCWD<([^>]*)>")
_PATH = re.compile(r'[<"](/[^>"]*)[>"]')  # of a descriptor, or of an argument
_TRACE = ("--decode-fds=path", "--trace=" + ",".join(_CALLS))


@dataclass(frozen=True)
class Point:
    """A system call of a program: the number-th of this name, or of those on a path."""

    call: str
    number: int
    path: str = ""


@functools.cache
def why_not() -> str | None:
    """Why nothing can be traced here; None where it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "strace may not trace here"


def write_points(command: list[str], env: Mapping[str, str], folder: Path) -> list[Point]:
    """Where this program writes inside this folder, which is done to the end."""
    done = _strace(command, env, *_TRACE)
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    points = []
    for line in done.stderr.splitlines():
        if found := _LINE.match(line):
            seen[found[1]] += 1
            if str(folder) in found[2] and "O_RDONLY" not in found[2]:
                points.append(Point(found[1], seen[found[1]]))
    return points


def tree_trace() -> str:
    """The options of strace for tree_points."""
    return " ".join(("--follow-forks", "--seccomp-bpf", *_TRACE))


def tree_points(trace: str, folders: Sequence[str]) -> list[Point]:
    """Where a program and its children write inside these folders. strace counts the calls of
    each process apart. So a point is in the first process that makes so many such calls."""
    inside = tuple(folders)
    seen: Counter[tuple[str, str, str]] = Counter()
    points: dict[Point, None] = {}
    for line in trace.splitlines():
        found = _TREE_LINE.match(line)
        if not found:
            continue
        process, call, arguments = found.groups()
        folder, rest = _WORKING_FOLDER.findall(arguments), _WORKING_FOLDER.sub("", arguments)
        if "write" in call:  # what is written may have a path in it
            rest = rest.partition(",")[0]
        path = next((p for p in reversed(_PATH.findall(rest)) if p.startswith(inside)), "")
        # strace does not find a relative path: such a call has its number among all.
        for counted in {path, ""}:
            seen[process, call, counted] += 1
        if (path or "".join(folder).startswith(inside)) and "O_RDONLY" not in arguments:
            points[Point(call, seen[process, call, path], path)] = None
    return list(points)


def tree_fault(point: Point, fault: str) -> str:
    """The options of strace that let a point of tree_points fail."""
    path = ("--trace-path", point.path) if point.path else ()
    inject = f"--inject={point.call}:{fault}:when={point.number}"
    # With --seccomp-bpf strace 6.1 injects nothing here.
    return " ".join(("--follow-forks", *path, f"--trace={point.call}", inject))


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
