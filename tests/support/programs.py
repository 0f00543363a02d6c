"""The programs of tests/programs: how a test starts one, or gets its text."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from certs.dotenv import CHECKOUT

PROGRAMS = CHECKOUT / "tests/programs"


def command(name: str, *arguments: str | Path) -> list[str]:
    """Starts the program of this name, in the checkout; a warning is an error."""
    module = f"tests.programs.{name}"
    return [sys.executable, "-W", "error", "-m", module, *map(str, arguments)]


def source(name: str) -> str:
    """The text of this file, for a container, a page or somebody's project."""
    return (PROGRAMS / name).read_text()


def install(name: str, path: Path) -> None:
    """Puts a copy of this file there, as a command."""
    shutil.copyfile(PROGRAMS / name, path)
    path.chmod(0o755)
