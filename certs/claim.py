"""Who keeps the leaf: a certs process that runs has the last word about it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

_FILE = "watched"


@contextlib.contextmanager
def hold(leaf_dir: Path) -> Iterator[None]:
    """While this lasts, the leaf is this process's to keep. The kernel ends the
    claim with the process, however that ends."""
    with (leaf_dir / _FILE).open("w") as file:
        with contextlib.suppress(OSError):  # another one has it, or there are no locks (NFS)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def held(leaf_dir: Path) -> bool:
    """Whether a running certs process keeps the leaf in this folder."""
    try:
        with (leaf_dir / _FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
