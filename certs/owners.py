"""The command that gives a file of another user back."""

from __future__ import annotations

import os
import pwd
import shlex
from pathlib import Path


def explain(error: OSError) -> str:
    """The error as text. If another user left the file in this user's folder, the text has
    the command that gives it back."""
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
        f"{theirs} belongs to {name(theirs.lstat().st_uid)}. Take it back: "
        f'sudo chown -R "$(id -u):$(id -g)" {shlex.quote(str(theirs))}'
    )


def name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def topmost(path: Path) -> Path | None:
    """The first folder or file on the way to path that another user owns inside a folder of
    this user; None if there is none."""
    for inner in reversed([path, *path.parents]):
        try:
            theirs = inner.lstat().st_uid != os.geteuid()
            if theirs and inner.parent.lstat().st_uid == os.geteuid():
                return inner
        except OSError:
            return None
    return None
