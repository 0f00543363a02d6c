"""The NSS databases of Chromium, Chrome, Brave, Edge and other browsers made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust import browsers, distro
from trust.commands import Runner
from trust.stores.base import Store
from trust.stores.nss import NssStore


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """All existing databases; if there is none, the one that Chromium would make."""
    if not env.get("HOME"):
        return ()
    home = Path(env["HOME"])
    there = browsers.home_nss(env)
    if not there and _installed(home, runner, fs):
        there = [browsers.new_nss(env)]
    there += browsers.sandboxed_nss(env)
    # A database may be a link to another one.
    once = {path.resolve(): path for path in reversed(there)}
    return [NssStore(str(path), _title(path, home), fs, runner) for path in reversed(once.values())]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """The database in this place, even if XDG_DATA_HOME has changed."""
    return NssStore(place, title, fs, runner)


def _installed(home: Path, runner: Runner, fs: Path) -> bool:
    """Whether this is Linux with a browser that uses a database in the user's home."""
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
