"""What the app process is told: read once, from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_APP = "app.main:app"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
_SIZE = re.compile(r"(\d+)\s*([km]?)(i?b)?", re.IGNORECASE)
_FACTOR = {"": 1, "k": 1024, "m": 1024 * 1024}


class SettingError(ValueError):
    """A setting with a value that cannot be used. The text names both."""


@dataclass(frozen=True)
class Settings:
    app: str  # module:attribute
    log_level: str
    ws_max_size: int  # bytes, of one message
    socket: Path | None  # a Unix socket instead of port 8000
    folder: Path | None  # where the app is imported from, before all else
    reload: bool  # when a file in that folder is saved


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError. An empty value counts as unset."""
    socket = env.get("APP_SOCKET")
    folder = env.get("APP_PATH")
    app = _import_string(env.get("APP") or DEFAULT_APP)
    return Settings(
        app=app,
        log_level=_log_level(env.get("LOG_LEVEL") or "info"),
        ws_max_size=_size(env.get("WS_MAX_SIZE") or "16m"),
        socket=Path(socket) if socket else None,
        folder=Path(folder) if folder else None,
        # An app of somebody's own is being worked on, until they say otherwise.
        reload=_switch("RELOAD", env.get("RELOAD") or ("0" if app == DEFAULT_APP else "1")),
    )


def _import_string(value: str) -> str:
    module, colon, attribute = value.partition(":")
    if not (module and colon and attribute):
        raise SettingError(
            f"APP is {value!r}; write module:attribute, such as {DEFAULT_APP} or chat.asgi:app"
        )
    return value


def _switch(name: str, value: str) -> bool:
    if value not in ("0", "1"):
        raise SettingError(f"{name} is {value!r}; write 1 for on or 0 for off")
    return value == "1"


def _log_level(value: str) -> str:
    if value.lower() not in LOG_LEVELS:
        raise SettingError(f"LOG_LEVEL is {value!r}; one of {', '.join(LOG_LEVELS)}")
    return value.lower()


def _size(value: str) -> int:
    match = _SIZE.fullmatch(value.strip())
    size = int(match[1]) * _FACTOR[match[2].lower()] if match else 0
    if size < 1:
        raise SettingError(
            f"WS_MAX_SIZE is {value!r}; write bytes, or a number with k or m, such as 16m"
        )
    return size
