"""The folder for local mode's sockets."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stack.base import StackError

# Of the folder that holds this one: with the longest name in it, supervisor.sock and a
# number, a socket's path may have 103 bytes (macOS; 107 on Linux).
_LONGEST_BASE = 45
_LAST = "/tmp"  # noqa: S108 # the folder in it is checked for its owner
# nginx's configuration names the folder, and reads `$` and quotes as something else.
_PLAIN = re.compile(r"[\w./+,@-]+", re.ASCII)


def folder(state_dir: Path, links: Mapping[str, Path]) -> Path:
    """A folder of this user alone, with a path short enough for a socket; made if missing.

    links: what else it leads to, by name. nginx's configuration names these: it reads `$`,
    `"` and `\\` in a path as something else.

    The state folder has a link to it, because another shell may have another
    XDG_RUNTIME_DIR; and it has one back, `state`, for supervisord, which does
    not take every path. Raises StackError.
    """
    made = existing(state_dir)
    made.mkdir(mode=0o700, exist_ok=True)
    status = made.lstat()
    # In /tmp somebody else may have made it first.
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or made.is_symlink():
        raise StackError(f"{made} is not yours alone; remove it, then: make up")
    inside = {made / name: target for name, target in links.items()}
    for name, target in {state_dir / "runtime": made, made / "state": state_dir, **inside}.items():
        _link(name, target)
    return made


def _link(path: Path, target: Path) -> None:
    """In one step: a running nginx reads the leaf through one of these."""
    if path.is_symlink() and path.readlink() == target:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.symlink_to(target)
    new.replace(path)


def existing(state_dir: Path) -> Path:
    """Where that folder is, or would be. By its name it is found again even when
    the state folder, and the link in it, were deleted."""
    link = state_dir / "runtime"
    if link.is_dir() and link.stat().st_uid == os.geteuid() and _fits(link.resolve().parent):
        return link.resolve()
    mark = hashlib.sha256(str(state_dir).encode()).hexdigest()[:12]
    named = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()]
    bases = [Path(path) for path in named if path and _fits(Path(path))]
    places = [base / f"wss-stack-{os.geteuid()}-{mark}" for base in [*bases, Path(_LAST)]]
    # What runs may have been started by a shell with another TMPDIR.
    there = [p for p in places if p.is_dir() and p.stat().st_uid == os.geteuid()]
    return there[0] if there else places[0]


def _fits(base: Path) -> bool:
    """Whether sockets can lie in a folder in this one."""
    short = len(os.fsencode(base)) <= _LONGEST_BASE
    return short and bool(_PLAIN.fullmatch(str(base))) and os.access(base, os.W_OK)


def remove(state_dir: Path) -> None:
    """Takes the folder away, when nothing uses its sockets any more."""
    shutil.rmtree(existing(state_dir), ignore_errors=True)
    (state_dir / "runtime").unlink(missing_ok=True)
