"""Takes the lock of FOLDER 200 times, once its input is closed. mkdir fails where another
process is inside."""

from __future__ import annotations

import sys
from pathlib import Path

from certs import files

folder = Path(sys.argv[1])
sys.stdin.readline()
for _ in range(200):
    with files.locked_writes(folder):
        (folder / "inside").mkdir()
        (folder / "inside").rmdir()
