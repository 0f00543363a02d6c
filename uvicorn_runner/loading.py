"""Imports the app that APP names, or says in a line why that cannot be done."""

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

# Frames that are Python's, uvicorn's and ours.
_MACHINERY = ("<frozen", importlib.__file__, uvicorn.importer.__file__, __file__)


@contextlib.contextmanager
def imports_from(folder: Path) -> Iterator[None]:
    """While this lasts, modules come from this folder and the installed packages.

    Not from where this package lies: a user's `app` without an __init__.py would lose
    to the one there, and so would a user's `stack` or `certs` that a typo names. The
    path is put back, because a process that multiprocessing spawns needs it.
    """
    before = sys.path[:]
    others = [entry for entry in before if Path(entry or ".").resolve() not in (ROOT, folder)]
    sys.path[:] = [str(folder), *others]
    try:
        yield
    finally:
        sys.path[:] = before


def load_or_explain(app: str) -> None:
    """Imports it, so that a wrong APP is an error and not a traceback.

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
    """Where the user's own module failed is what they need to know."""
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
    # Compose by itself builds only what has no image.
    then = "make up, or docker compose up --build"
    hint = f"; name its package in the file of APP_REQUIREMENTS, then: {then}" if is_missing else ""
    return f"importing it failed{where}: {type(error).__name__}: {error}{hint}"


def _files_of(module: str) -> list[Path]:
    """Where it may lie, folders before what is in them."""
    path = Path(sys.path[0])  # imports_from put APP_DIR there
    found = [path]
    for name in module.split("."):
        found += [path / name, path / name / "__init__.py", path / f"{name}.py"]
        path /= name
    return found


def _unreadable(paths: list[Path]) -> str:
    """That one of these is closed to this user, and what to type; empty where none is.
    For Python, a module in a closed folder is a missing one."""
    for path in paths:
        if os.access(path, os.F_OK):
            wanted = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
            if not os.access(path, wanted):
                folder = shlex.quote(os.environ.get("APP_DIR") or sys.path[0])
                return f"{path} is not readable for user {os.geteuid()}: chmod -R a+rX {folder}"
    return ""
