"""Local mode's packages of somebody's own app: a venv apart from the stack's.

Apart, because what their app needs may be another version of what the stack has.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
from pathlib import Path

from certs.dotenv import CHECKOUT
from stack.base import StackError

log = logging.getLogger(__name__)

# What `python -m uvicorn_runner` itself needs: uvicorn and its protocols.
RUNNER = CHECKOUT / "requirements" / "app.txt"


def python(requirements: Path | None, folder: Path) -> str:
    """The interpreter to run the app with: this one where nothing is asked for.

    requirements: a pip requirements file, installed once and again when it changes.
    folder: for the venvs, one for each content of that file: what runs keeps its own
        until another one is whole.
    Raises StackError.
    """
    if requirements is None:
        return sys.executable
    venv = folder / _digest(requirements)[:12]
    here, stamp = venv / "bin" / "python", venv / "installed"
    if stamp.exists():
        for other in folder.iterdir():
            if other != venv:
                shutil.rmtree(other)
        return str(here)
    log.info("installing %s (once, and again when it changes)", requirements.name)
    shutil.rmtree(venv, ignore_errors=True)
    # By the stack's own pip: to put one into a venv takes longer than all the rest.
    _run([sys.executable, "-m", "venv", "--without-pip", str(venv)], requirements)
    pip = [sys.executable, "-m", "pip", "--python", str(here), "install"]
    pip += ["--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(RUNNER)], requirements)
    # A run of its own: pip would ask theirs for hashes too.
    _run([*pip, "-r", str(requirements)], requirements)
    stamp.touch()  # last: an interrupted one is done again
    return str(here)


def _digest(requirements: Path) -> str:
    found = hashlib.sha256(sys.version.encode())
    for path in (RUNNER, requirements):
        found.update(path.read_bytes())
    return found.hexdigest()


def _run(command: list[str], requirements: Path) -> None:
    done = subprocess.run(command, cwd=requirements.parent, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise StackError(f"{requirements} could not be installed, see above. Fix it, then: make up")
