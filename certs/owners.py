"""What to type where a file is another user's."""

from __future__ import annotations

import os
import pwd
import shlex
from pathlib import Path


def explain(error: OSError) -> str:
    """The error in words; for what another user left in a folder of this user's, with the
    command that gives it back."""
    if not isinstance(error, PermissionError) or not isinstance(error.filename, str):
        return str(error)
    why = give_back(Path(error.filename))
    return f"{error.filename} cannot be used, because {why}" if why else str(error)


def give_back(path: Path) -> str:
    """Who has path, or a folder on the way to it, and the command that gives it back. Empty
    where this user has it."""
    theirs = topmost(path.absolute())
    if theirs is None:
        return ""
    return (
        f"{theirs} belongs to {name(theirs.lstat().st_uid)}. To have it back: "
        f'sudo chown -R "$(id -u):$(id -g)" {shlex.quote(str(theirs))}'
    )


def name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def topmost(path: Path) -> Path | None:
    """The folder or file of another user that lies in a folder of this user's, on the way to
    path; None where there is none."""
    for inner in reversed([path, *path.parents]):
        try:
            theirs = inner.lstat().st_uid != os.geteuid()
            if theirs and inner.parent.lstat().st_uid == os.geteuid():
                return inner
        except OSError:
            return None
    return None
