"""The NSS databases of Chromium, and of Chrome, Brave, Edge and others made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust import browsers, distro
from trust.commands import Runner
from trust.stores.base import Store
from trust.stores.nss import NssStore


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """Every database that is there; where none is, the one that Chromium would make."""
    if not env.get("HOME"):
        return ()
    home = Path(env["HOME"])
    there = browsers.home_nss(env)
    if not there and _installed(home, runner, fs):
        there = [browsers.new_nss(env)]
    there += browsers.sandboxed_nss(env)
    # One may be a link to another.
    once = {path.resolve(): path for path in reversed(there)}
    return [NssStore(str(path), _title(path, home), fs, runner) for path in reversed(once.values())]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """Wherever XDG_DATA_HOME leads to by now."""
    return NssStore(place, title, fs, runner)


def _installed(home: Path, runner: Runner, fs: Path) -> bool:
    """Whether a browser is here that would use the user's own home, on Linux."""
    if not distro.os_release(fs):
        return False
    paths = (runner.which(program) for program in browsers.CHROMIUMS)
    if any(path and not path.startswith("/snap/") for path in paths):
        return True
    return any(True for pattern in browsers.DOWNLOADED for _ in home.glob(pattern))


def _title(path: Path, home: Path) -> str:
    if not path.is_relative_to(home):
        return f"Chromium, Chrome ({path})"
    inside = path.relative_to(home)
    match inside.parts:
        case ("snap", name, *_):
            return f"{name}, snap (~/{inside})"
        case (".var", "app", name, *_):
            return f"{name}, flatpak (~/{inside})"
    return f"Chromium, Chrome (~/{inside})"
