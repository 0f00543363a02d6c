"""Imports the app that APP names, or says in a line why that cannot be done."""

from __future__ import annotations

import importlib
import traceback

import uvicorn.importer
from uvicorn.importer import ImportFromStringError, import_from_string

from app.settings import SettingError

# Frames that are Python's, uvicorn's and ours.
_MACHINERY = ("<frozen", importlib.__file__, uvicorn.importer.__file__, __file__)


def check(app: str) -> None:
    """Imports it, so that a wrong APP is an error and not a traceback.

    app: module:attribute. Raises SettingError.
    """
    try:
        found = import_from_string(app)
    except ImportFromStringError as error:
        raise SettingError(f"APP is {app!r}: {error}") from None
    except SyntaxError as error:
        raise SettingError(
            f"APP is {app!r}: {error.filename}:{error.lineno}: {error.msg}"
        ) from error
    except SystemExit as error:
        raise SettingError(f"APP is {app!r}: importing it ended the program") from error
    except Exception as error:
        raise SettingError(f"APP is {app!r}: {_why(error)}") from error
    if not callable(found):
        raise SettingError(f"APP is {app!r}, which is {found!r}: no ASGI app")


def _why(error: Exception) -> str:
    """Where the user's own module failed is what they need to know."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_MACHINERY)]
    if isinstance(error, ModuleNotFoundError) and not theirs:
        return f"there is no module {error.name!r} in APP_DIR"
    where = f" at {theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""
    is_missing = isinstance(error, ModuleNotFoundError)
    # Compose by itself builds only what has no image.
    then = "make up, or docker compose up --build"
    hint = f"; name its package in the file of APP_REQUIREMENTS, then: {then}" if is_missing else ""
    return f"importing it failed{where}: {type(error).__name__}: {error}{hint}"
