"""Local mode's venv for a user's own app.

The stack has another venv, because both may need different versions of one package.
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

# The requirements of `python -m uvicorn_runner` itself.
RUNNER = CHECKOUT / "requirements" / "app.txt"


def python(requirements: Path | None, folder: Path) -> str:
    """The interpreter to run the app with; without requirements, the stack's own.

    requirements: a pip requirements file, installed once and again when it changes.
    folder: for the venvs, one for each content of that file: a running app keeps its venv
        until the new one is complete.
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
        # With the stack's own pip: installing pip into the venv takes longer than the rest.
        bootstrap.make(venv, "--without-pip")
        bootstrap.install(venv, RUNNER, "--require-hashes", pip=sys.executable)
        # A second run, because in the first one pip demands hashes for all requirements.
        bootstrap.install(venv, requirements, pip=sys.executable)
    except bootstrap.InstallError as error:
        raise StackError(str(error)) from error
    stamp.touch()  # last, so that an interrupted install is done again
    return bootstrap.python(venv)


def _digest(requirements: Path) -> str:
    found = hashlib.sha256(sys.version.encode())
    for path in (RUNNER, requirements):
        found.update(path.read_bytes())
    return found.hexdigest()
