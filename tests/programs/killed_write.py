"""A writer that is killed where its file is complete but has not got its name yet."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from unittest import mock

from certs import files


def kill(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


folder = Path(sys.argv[1])
with mock.patch.object(os, "fsync", kill), files.locked_writes(folder):
    files.write(folder / "file", b"new", files.SECRET)
