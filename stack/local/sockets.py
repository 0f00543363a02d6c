"""The folder for local mode's sockets."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stack.base import StackError

# Of the folder that holds this one: with the longest name in it, supervisor.sock and a
# number, a socket's path may have 103 bytes (macOS; 107 on Linux).
_LONGEST_BASE = 45


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
    if link.is_dir() and link.stat().st_uid == os.geteuid():
        return link.resolve()
    named = filter(None, (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()))
    short = (Path(path) for path in named if len(os.fsencode(path)) <= _LONGEST_BASE)
    base = next((path for path in short if os.access(path, os.W_OK)), Path("/tmp"))  # noqa: S108
    mark = hashlib.sha256(str(state_dir).encode()).hexdigest()[:12]
    return base / f"wss-stack-{os.geteuid()}-{mark}"


def remove(state_dir: Path) -> None:
    """Takes the folder away, when nothing uses its sockets any more."""
    shutil.rmtree(existing(state_dir), ignore_errors=True)
    (state_dir / "runtime").unlink(missing_ok=True)
