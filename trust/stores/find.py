"""All trust stores of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trust.commands import Runner
from trust.stores import chromium, firefox, java, macos, system, windows
from trust.stores.base import Finder, Rebuilder, Store

# The system's first: others take from it (Java's, by Debian's hook).
FINDERS: tuple[Finder, ...] = (
    system.find,
    macos.find,
    windows.find,
    chromium.find,
    firefox.find,
    java.find,
)
# By the kind that the ledger has.
_REBUILDERS: Mapping[str, Rebuilder] = {
    "system": system.at,
    "macos": macos.at,
    "windows": windows.at,
    "nss": chromium.at,
    "firefox": firefox.at,
    "java": java.at,
}


def find_all(env: Mapping[str, str], runner: Runner, fs: Path = Path("/")) -> list[Store]:
    """Every trust store on this machine, as base.Finder has it."""
    return [store for find in FINDERS for store in find(env, runner, fs)]


def at(kind: str, place: str, title: str, runner: Runner, fs: Path = Path("/")) -> Store | None:
    """One that was found once, as base.Rebuilder has it."""
    rebuild = _REBUILDERS.get(kind)
    return rebuild(place, title, runner, fs) if rebuild else None
