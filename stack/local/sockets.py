"""The folder for local mode's sockets."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from stack.base import StackError


def folder(state_dir: Path) -> Path:
    """A folder of this user alone, with a path short enough for a socket; made if missing.

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
    for name, target in ((state_dir / "runtime", made), (made / "state", state_dir)):
        name.unlink(missing_ok=True)
        name.symlink_to(target)
    return made


def existing(state_dir: Path) -> Path:
    """Where that folder is, or would be. By its name it is found again even when
    the state folder, and the link in it, were deleted."""
    link = state_dir / "runtime"
    if link.is_dir() and link.stat().st_uid == os.geteuid():
        return link.resolve()
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if not os.access(base, os.W_OK):
        base = Path(tempfile.gettempdir())
    mark = hashlib.sha256(str(state_dir).encode()).hexdigest()[:12]
    return base / f"wss-stack-{os.geteuid()}-{mark}"


def remove(state_dir: Path) -> None:
    """Takes the folder away, when nothing uses its sockets any more."""
    shutil.rmtree(existing(state_dir), ignore_errors=True)
    (state_dir / "runtime").unlink(missing_ok=True)
