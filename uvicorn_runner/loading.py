"""Imports the app that APP names, or says in one line why it cannot."""

from __future__ import annotations

import contextlib
import importlib
import os
import shlex
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import uvicorn.importer
from uvicorn.importer import ImportFromStringError, import_from_string

from uvicorn_runner.settings import ECHO, ROOT, SettingError

# Traceback frames of Python, uvicorn and this module.
_MACHINERY = ("<frozen", importlib.__file__, uvicorn.importer.__file__, __file__)


@contextlib.contextmanager
def imports_from(folder: Path) -> Iterator[None]:
    """Inside the `with`, modules are imported from this folder and the installed packages.

    The checkout is off the path: its own `app` would win over a user's `app` that has no
    __init__.py, and so would its `stack` and `certs`. The old path is restored at the end:
    multiprocessing hands it to new processes.
    """
    before = sys.path[:]
    others = [entry for entry in before if Path(entry or ".").resolve() not in (ROOT, folder)]
    sys.path[:] = [str(folder), *others]
    try:
        yield
    finally:
        sys.path[:] = before


def load_or_explain(app: str) -> None:
    """Imports the app, so that a wrong APP ends in an error and not in a traceback.

    app: module:attribute. Raises SettingError.
    """
    try:
        found = import_from_string(app)
    except ImportFromStringError as error:
        why = _unreadable(_files_of(app.partition(":")[0])) or error
        raise SettingError(f"APP is {app!r}: {why}") from None
    except SyntaxError as error:
        raise SettingError(
            f"APP is {app!r}: {error.filename}:{error.lineno}: {error.msg}"
        ) from error
    except SystemExit as error:
        raise SettingError(f"APP is {app!r}: importing it ended the program") from error
    except Exception as error:
        raise SettingError(f"APP is {app!r}: {_why(app, error)}") from error
    if not callable(found):
        raise SettingError(f"APP is {app!r}, which is {found!r}: no ASGI app")


def _why(app: str, error: Exception) -> str:
    """The reason, with the line of the user's own module that failed."""
    closed = ""
    if isinstance(error, ModuleNotFoundError):
        closed = _unreadable(_files_of(error.name or ""))
    elif isinstance(error, PermissionError) and error.filename:
        closed = _unreadable([Path(str(error.filename))])
    if closed:
        return closed
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_MACHINERY)]
    if isinstance(error, ModuleNotFoundError) and not theirs:
        hint = "; for the echo of this project unset APP" if app == ECHO else ""
        return f"there is no module {error.name!r} in APP_DIR{hint}"
    where = f" at {theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""
    is_missing = isinstance(error, ModuleNotFoundError)
    # `docker compose up` without --build keeps the old image.
    then = "make up, or docker compose up --build"
    hint = f"; name its package in the file of APP_REQUIREMENTS, then: {then}" if is_missing else ""
    return f"importing it failed{where}: {type(error).__name__}: {error}{hint}"


def _files_of(module: str) -> list[Path]:
    """The files and folders that may hold the module, each folder before its content."""
    path = Path(sys.path[0])  # imports_from put APP_DIR there
    found = [path]
    for name in module.split("."):
        found += [path / name, path / name / "__init__.py", path / f"{name}.py"]
        path /= name
    return found


def _unreadable(paths: list[Path]) -> str:
    """Names the first of these paths that this user may not read, and the command that fixes
    it; empty if all are readable. Python calls a module in such a folder missing."""
    for path in paths:
        if os.access(path, os.F_OK):
            wanted = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
            if not os.access(path, wanted):
                folder = shlex.quote(os.environ.get("APP_DIR") or sys.path[0])
                return f"{path} is not readable for user {os.geteuid()}: chmod -R a+rX {folder}"
    return ""
