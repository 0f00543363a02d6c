"""The only module that writes keys and certificates.

No file is ever half-written: each one is complete under a temporary name in its
own folder, with its mode and owner, before it gets its real name.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SECRET = 0o600
PUBLIC = 0o644
# No other program uses this suffix, so leftovers with it can be deleted.
_SUFFIX = ".wss-stack-tmp"


@dataclass(frozen=True)
class Owner:
    """The user and the group that a new file belongs to."""

    uid: int
    gid: int


def write(path: Path, data: bytes, mode: int, owner: Owner | None = None) -> None:
    """Writes data to path, atomically: a reader sees the old file or the new one.

    Raises OSError.
    """
    temporary = _temporary(path, data, mode, owner)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)  # an interrupt may come after the rename
        raise


def create(path: Path, data: bytes, mode: int, owner: Owner | None = None) -> bool:
    """Like write, but never replaces a file: returns False if path exists.

    A hard link gives a complete file its name and fails if the name is taken;
    a rename would replace. Raises OSError.
    """
    temporary = _temporary(path, data, mode, owner)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def set_aside(path: Path, why: str) -> Path:
    """Renames a file that is not what it should be, and returns its new name."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    path.rename(aside)
    return aside


def make_folder(path: Path, mode: int, owner: Owner | None = None) -> None:
    """Makes path and its missing parents, with this mode and owner.

    Raises OSError.
    """
    for folder in [*reversed(path.parents), path]:
        if not folder.is_dir():
            folder.mkdir(mode, exist_ok=True)  # the mode here too: never open wider
            folder.chmod(mode)
            if owner:
                os.chown(folder, owner.uid, owner.gid)


def delete(path: Path) -> None:
    """Removes a key or certificate if it exists. Raises OSError."""
    path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked_writes(folder: Path) -> Iterator[None]:
    """Lets one writer at a time into this folder, and removes files that a killed one left.

    Some file systems have no locks (NFS, some shared folders). There, create() keeps two
    processes that mint at once from replacing each other's file. Raises OSError.
    """
    with lock(folder) as alone:
        if alone:
            for left in folder.glob(f".*{_SUFFIX}"):
                left.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def lock(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """Locks the folder for one process at a time; False if the file system has no locks.

    The folder itself is locked, so no lock file is left behind, and the kernel frees the
    lock even if its holder is killed. waiting: called once if another process has the
    lock. Raises OSError.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _lock(descriptor, waiting)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, waiting: Callable[[], None]) -> bool:
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno in (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
            return False
        raise
    return True


def _temporary(path: Path, data: bytes, mode: int, owner: Owner | None) -> Path:
    # mkstemp makes a new file with mode 0600, and follows no link.
    descriptor, name = tempfile.mkstemp(_SUFFIX, f".{path.name}.", path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, mode)
            if owner:
                os.fchown(descriptor, owner.uid, owner.gid)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
