"""The only module that writes keys and certificates.

Nothing is ever half-written: each file is complete under a temporary name in
its own folder, with its mode and owner, before it gets its real one.
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
# This project's alone: another program may use .tmp.
_SUFFIX = ".wss-stack-tmp"


@dataclass(frozen=True)
class Owner:
    """Whom a written file is given to."""

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
    """As write, but never replaces: False where path was there already.

    A hard link is the one way to give a complete file its name that fails when
    the name is taken (rename replaces). Raises OSError.
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
    """Makes path and its parents; the mode and owner are for those it makes.

    Raises OSError.
    """
    for folder in [*reversed(path.parents), path]:
        if not folder.is_dir():
            folder.mkdir(mode, exist_ok=True)  # not open wider for a moment either
            folder.chmod(mode)
            if owner:
                os.chown(folder, owner.uid, owner.gid)


def delete(path: Path) -> None:
    """Removes a key or certificate; nothing where there is none. Raises OSError."""
    path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked_writes(folder: Path) -> Iterator[None]:
    """One writer at a time in this folder; what a killed one left is removed.

    Where there are no locks (NFS, some shared folders), create() alone still
    keeps two who mint at once from replacing each other's file. Raises OSError.
    """
    with lock(folder) as alone:
        if alone:
            for left in folder.glob(f".*{_SUFFIX}"):
                left.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def lock(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """One at a time; True, or False where there are no locks.

    The lock is on the folder itself: nothing to create, own or leave behind,
    and the kernel frees it however the holder ends. waiting: called once if
    another has it. Raises OSError.
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
    # mkstemp: 0600 from the start, and never an existing file or a link.
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
