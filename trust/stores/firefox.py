"""The NSS databases of Firefox and programs made from it, one in each profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust import browsers
from trust.commands import Runner
from trust.stores.base import Store
from trust.stores.nss import NssStore


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """One store for each profile."""
    home = Path(env.get("HOME", "/"))
    return [
        NssStore(str(profile.path), _title(profile, home), fs, runner, kind="firefox")
        for profile in browsers.profiles(env)
    ]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """The database in this place, even if XDG_CONFIG_HOME has changed."""
    return NssStore(place, title, fs, runner, kind="firefox")


def _title(profile: browsers.Profile, home: Path) -> str:
    # The folder's name is a random text and the profile's name.
    path = profile.path
    name = path.name.partition(".")[2] or path.name
    inside = path.relative_to(home) if path.is_relative_to(home) else None
    return f"{profile.kin.name}, profile {name} ({f'~/{inside}' if inside else path})"
