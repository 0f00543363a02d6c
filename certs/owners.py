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
    theirs = _topmost(Path(error.filename).absolute())
    if theirs is None:
        return str(error)
    try:
        name = pwd.getpwuid(theirs.lstat().st_uid).pw_name
    except KeyError:
        name = f"user {theirs.lstat().st_uid}"
    path = shlex.quote(str(theirs))
    return (
        f"{error.filename} cannot be used, because {theirs} belongs to {name}. To have it back: "
        f'sudo chown -R "$(id -u):$(id -g)" {path}'
    )


def _topmost(path: Path) -> Path | None:
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
