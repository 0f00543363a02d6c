"""Finds settings that have no effect: a misspelt name, a line without `=`."""

from __future__ import annotations

import difflib
import io
import os
from pathlib import Path

from dotenv.parser import parse_stream

from certs.all_settings import NAMES
from certs.dotenv import CHECKOUT

# HTTPS_PROXY is .76 like HTTPS_PORT, CARGO_HOME .82 like CA_HOME.
_ALIKE = 0.83
# Variables that shells and launchers export by themselves.
_NOT_MEANT = ("HOST", "APPDIR")


def find(checkout: Path = CHECKOUT) -> list[str]:
    """One text for each such setting in the environment and the checkout's .env. certs.dotenv
    reports lines that cannot be read."""
    found = []
    for name in sorted(os.environ):
        meant = name not in _NOT_MEANT and name not in NAMES and _meant(name)
        if meant:
            found.append(f"{name} is set, but is not a setting. Did you mean {meant}?")
    try:
        text = (checkout / ".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return found
    for binding in parse_stream(io.StringIO(text)):
        if not binding.key or binding.error:
            continue
        original = binding.original.string
        line = binding.original.line + original[: -len(original.lstrip())].count("\n")
        where = f".env line {line}: {binding.key}"
        meant = binding.key if binding.key in NAMES else _meant(binding.key)
        if binding.value is None:
            found.append(f"{where} has no =, so it sets nothing. Write {meant or binding.key}=...")
        elif meant and meant != binding.key:
            found.append(f"{where} is not a setting. Did you mean {meant}?")
    return found


def _meant(name: str) -> str:
    alike = difflib.get_close_matches(name.upper().replace("-", "_"), NAMES, 1, _ALIKE)
    return alike[0] if alike else ""
