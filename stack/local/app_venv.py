"""Local mode's packages of somebody's own app: a venv apart from the stack's.

Apart, because what their app needs may be another version of what the stack has.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sys
from pathlib import Path

from certs.dotenv import CHECKOUT
from stack import bootstrap
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
    stamp = venv / "installed"
    if stamp.exists() and bootstrap.is_whole(venv):
        for other in folder.iterdir():
            if other != venv:
                shutil.rmtree(other)
        return bootstrap.python(venv)
    log.info("installing %s (once, and again when it changes)", requirements.name)
    try:
        # By the stack's own pip: to put one into a venv takes longer than all the rest.
        bootstrap.make(venv, "--without-pip")
        bootstrap.install(venv, RUNNER, "--require-hashes", pip=sys.executable)
        # A run of its own: pip would ask theirs for hashes too.
        bootstrap.install(venv, requirements, pip=sys.executable)
    except bootstrap.InstallError as error:
        raise StackError(str(error)) from error
    stamp.touch()  # last: an interrupted one is done again
    return bootstrap.python(venv)


def _digest(requirements: Path) -> str:
    found = hashlib.sha256(sys.version.encode())
    for path in (RUNNER, requirements):
        found.update(path.read_bytes())
    return found.hexdigest()
