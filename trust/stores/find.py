"""All trust stores of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.commands import Runner
from trust.resolver import Name
from trust.stores import chromium, firefox, hosts_file, java, macos, system, windows
from trust.stores.base import Finder, Rebuilder, Store

# The system's store comes first: Debian's hook copies from it into Java's.
FINDERS: tuple[Finder, ...] = (
    system.find,
    macos.find,
    windows.find,
    chromium.find,
    firefox.find,
    java.find,
)
# By the kind in the ledger.
_REBUILDERS: Mapping[str, Rebuilder] = {
    "system": system.at,
    "macos": macos.at,
    "windows": windows.at,
    "nss": chromium.at,
    "firefox": firefox.at,
    "java": java.at,
    hosts_file.KIND: hosts_file.at,
}


def find_all(
    env: Mapping[str, str], runner: Runner, fs: Path = Path("/"), names: Sequence[Name] = ()
) -> list[Store]:
    """Every trust store on this machine, and /etc/hosts for these names; see base.Finder."""
    found = [store for find in FINDERS for store in find(env, runner, fs)]
    return [*found, *hosts_file.find(names, fs)]


def at(kind: str, place: str, title: str, runner: Runner, fs: Path = Path("/")) -> Store | None:
    """A store that was once found in this place; see base.Rebuilder."""
    rebuild = _REBUILDERS.get(kind)
    return rebuild(place, title, runner, fs) if rebuild else None
