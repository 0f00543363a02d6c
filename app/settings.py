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


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError. An empty value counts as unset."""
    socket = env.get("APP_SOCKET")
    return Settings(
        app=_import_string(env.get("APP") or DEFAULT_APP),
        log_level=_log_level(env.get("LOG_LEVEL") or "info"),
        ws_max_size=_size(env.get("WS_MAX_SIZE") or "16m"),
        socket=Path(socket) if socket else None,
    )


def _import_string(value: str) -> str:
    module, colon, attribute = value.partition(":")
    if not (module and colon and attribute):
        raise SettingError(
            f"APP is {value!r}; write module:attribute, such as {DEFAULT_APP} or chat.asgi:app"
        )
    return value


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
