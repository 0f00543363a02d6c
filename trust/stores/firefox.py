"""The NSS databases of Firefox: one in each profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.commands import Runner
from trust.stores.base import Store
from trust.stores.nss import NssStore

# Under the home folder. The first of all is in XDG_CONFIG_HOME, since 147.
_ROOTS = (
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
)


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """One store a profile.

    A profile is a folder with a certificate database: profiles.ini also lists
    those that were never started, and misses those that were moved here.
    """
    if not env.get("HOME"):
        return ()
    home = Path(env["HOME"])
    roots = [_config_home(env, home) / "mozilla/firefox", *(home / root for root in _ROOTS)]
    found: dict[Path, Path] = {}
    for root in roots:
        for database in sorted(root.glob("*/cert9.db")):
            # One root may be a link to another.
            found.setdefault(database.parent.resolve(), database.parent)
    return [
        NssStore(str(path), _title(path, home), fs, runner, kind="firefox")
        for path in found.values()
    ]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """Wherever XDG_CONFIG_HOME leads to by now."""
    return NssStore(place, title, fs, runner, kind="firefox")


def _config_home(env: Mapping[str, str], home: Path) -> Path:
    # The XDG specification has relative paths ignored.
    path = Path(env.get("XDG_CONFIG_HOME", ""))
    return path if path.is_absolute() else home / ".config"


def _title(profile: Path, home: Path) -> str:
    # A folder is called after a random text and the profile's name.
    name = profile.name.partition(".")[2] or profile.name
    inside = profile.relative_to(home) if profile.is_relative_to(home) else None
    return f"Firefox, profile {name} ({f'~/{inside}' if inside else profile})"
