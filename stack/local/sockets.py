"""The folder for local mode's sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stack.base import StackError

# Bytes in the path of the parent folder: a socket's path may have 103 bytes (macOS; 107 on
# Linux), and the longest name here is supervisor.sock with a number.
_LONGEST_BASE = 45
_LAST = "/tmp"  # noqa: S108 # the owner of the folder in it is checked
# Plain paths alone: in nginx's configuration `$` and quotes have a meaning.
_PLAIN = re.compile(r"[\w./+,@-]+", re.ASCII)


def folder(state_dir: Path, links: Mapping[str, Path]) -> Path:
    """A folder of this user alone, with a path short enough for a socket; made if missing.

    links: further links to make in the folder, by name. nginx's configuration uses them,
    because `$`, `"` and `\\` in a path would have a meaning there.

    The state folder gets a link to this folder, because another shell may have another
    XDG_RUNTIME_DIR. This folder gets the link `state` back, because supervisord does not
    accept every path. Raises StackError.
    """
    made = existing(state_dir)
    with contextlib.suppress(FileExistsError):
        made.mkdir(mode=0o700)
    if not _is_ours(made):
        raise StackError(
            f"{made} is not a folder that is yours alone. Remove it, then: make up. Or name "
            "another place: mkdir -m 700 ~/.wss && TMPDIR=~/.wss make up"
        )
    inside = {made / name: target for name, target in links.items()}
    for name, target in {state_dir / "runtime": made, made / "state": state_dir, **inside}.items():
        _link(name, target)
    return made


def _link(path: Path, target: Path) -> None:
    """Makes or replaces a link in one step: a running nginx reads the leaf through one."""
    if path.is_symlink() and path.readlink() == target:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.symlink_to(target)
    new.replace(path)


def existing(state_dir: Path) -> Path:
    """The path of that folder, which need not exist yet. Its name leads to it even after
    the state folder was deleted, with the link in it."""
    link = state_dir / "runtime"
    if link.is_symlink() and _is_ours(place := link.readlink()) and _fits(place.parent):
        return place
    mark = hashlib.sha256(str(state_dir).encode()).hexdigest()[:12]
    named = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()]
    bases = [Path(path) for path in named if path and _fits(Path(path))]
    # In /tmp another user may have taken the name; in the state folder nobody can.
    bases += [Path(_LAST), *([state_dir] if _fits(state_dir) else [])]
    places = [base / f"wss-stack-{os.geteuid()}-{mark}" for base in bases]
    # A shell with another TMPDIR may have started the stack that runs.
    there = [place for place in places if _is_ours(place)]
    free = [place for place in places if not os.path.lexists(place)]
    return [*there, *free, *places][0]


def _is_ours(path: Path) -> bool:
    """Whether it is a folder of this user alone, and no link to one."""
    try:
        status = path.lstat()
    except OSError:
        return False
    closed = not status.st_mode & 0o077
    return stat.S_ISDIR(status.st_mode) and closed and status.st_uid == os.geteuid()


def _fits(base: Path) -> bool:
    """Whether a folder in this one can hold the sockets."""
    short = len(os.fsencode(base)) <= _LONGEST_BASE
    return short and bool(_PLAIN.fullmatch(str(base))) and os.access(base, os.W_OK)


def remove(state_dir: Path) -> None:
    """Removes the folder and the link to it, after the processes have ended."""
    shutil.rmtree(existing(state_dir), ignore_errors=True)
    (state_dir / "runtime").unlink(missing_ok=True)
