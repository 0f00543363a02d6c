"""The settings of the app's process, read once from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The folder of this package and of the echo: the checkout, or /srv in a container.
ROOT = Path(__file__).resolve().parent.parent
# The app that is served from ROOT where APP is unset. With APP set to the same text, the
# user's own app of that name is served, from APP_DIR.
ECHO = "app.main:app"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
# Compose reads `APP= # none` as the value "# none"; see certs/dotenv.py.
_COMMENT = re.compile(r"(^|\s*\t)\s*#.*")
_SIZE = re.compile(r"(\d{1,15})\s*([kmg]?)(i?b)?", re.IGNORECASE)
_FACTOR = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
# The echo takes 40 MiB.
_LEAST_MEMORY = 64 * 2**20
# Beside the app's port 8000, where METRICS_PORT is set.
_FIGURES_PORT = 8001


class SettingError(ValueError):
    """A setting with a value that cannot be used. The text names both."""

    exit_status = 2


@dataclass(frozen=True)
class Settings:
    app: str  # module:attribute
    log_level: str
    ws_max_size: int  # bytes, of one message
    ws_deflate: bool  # permessage-deflate, for clients that offer it
    memory: int  # bytes, of a container; without one, of each process
    socket: Path | None  # a Unix socket instead of port 8000
    folder: Path  # where the app is imported from
    reload: bool  # when a file of the app is saved
    figures: Path | int | None  # a Unix socket or port for the metrics process

    @property
    def watched(self) -> Path:
        """The folder whose files are the app's."""
        return ROOT / "app" if self.folder == ROOT else self.folder


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError. An empty value counts as unset."""

    def value(name: str, default: str = "") -> str:
        return _COMMENT.sub("", env.get(name, "")) or default

    socket = env.get("APP_SOCKET")
    named = value("APP")
    return Settings(
        app=_import_string(named) if named else ECHO,
        log_level=_log_level(value("LOG_LEVEL", "info")),
        ws_max_size=_size("WS_MAX_SIZE", value("WS_MAX_SIZE", "16m"), 1, "16m"),
        ws_deflate=_switch("WS_DEFLATE", value("WS_DEFLATE", "0")),
        memory=_size("APP_MEMORY", value("APP_MEMORY", "2g"), _LEAST_MEMORY, "2g"),
        socket=Path(socket) if socket else None,
        folder=Path(env.get("APP_PATH") or ".").resolve() if named else ROOT,
        # A user's own app is assumed to be under development.
        reload=_switch("RELOAD", value("RELOAD", "1" if named else "0")),
        figures=_figures(socket) if value("METRICS_PORT") else None,
    )


def _figures(socket: str | None) -> Path | int:
    return Path(socket).with_name("figures.sock") if socket else _FIGURES_PORT


def _import_string(value: str) -> str:
    module, colon, attribute = value.partition(":")
    if not (module and colon and attribute):
        raise SettingError(
            f"APP is {value!r}; write module:attribute, such as {ECHO} or chat.asgi:app"
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


def _size(name: str, value: str, least: int, example: str) -> int:
    match = _SIZE.fullmatch(value.strip())
    size = int(match[1]) * _FACTOR[match[2].lower()] if match else 0
    if size < least:
        at_least = f", at least {least // 2**20}m" if least > 1 else ""
        raise SettingError(
            f"{name} is {value!r}; write bytes, or a number with k, m or g, such as "
            f"{example}{at_least}"
        )
    return size
