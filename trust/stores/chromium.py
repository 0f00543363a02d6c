"""The NSS databases of Chromium, and of Chrome, Brave, Edge and others made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trust import distro
from trust.commands import Runner
from trust.stores.base import Store
from trust.stores.nss import NssStore

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "google-chrome-beta",
    "google-chrome-unstable",
    "brave",
    "brave-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "vivaldi",
    "vivaldi-stable",
    "opera",
)
# Those in a sandbox have a home of their own. Only what is there is used: which
# of the two a browser would make depends on its version.
_SANDBOXED = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)
# Playwright's and Puppeteer's, which tests of web pages bring along.
_DOWNLOADED = (".cache/ms-playwright/chromium*", ".cache/puppeteer/chrome*")


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """Every database that is there; where none is, the one that Chromium would make.

    That is the XDG one, always: ~/.pki/nssdb, even empty, makes Chromium (since
    146) overlook the other one, with the certificates that its user has put there.
    """
    if not env.get("HOME"):
        return ()
    home = Path(env["HOME"])
    xdg = _data_home(env, home) / "pki/nssdb"
    there = [path for path in (home / ".pki/nssdb", xdg) if _exists(path)]
    if not there and _installed(home, runner, fs):
        there = [xdg]
    for pattern in _SANDBOXED:
        there += sorted(home.glob(pattern))
    # One may be a link to another.
    once = {path.resolve(): path for path in reversed(there)}
    return [NssStore(str(path), _title(path, home), fs, runner) for path in reversed(once.values())]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """Wherever XDG_DATA_HOME leads to by now."""
    return NssStore(place, title, fs, runner)


def _data_home(env: Mapping[str, str], home: Path) -> Path:
    # The XDG specification has relative paths ignored.
    path = Path(env.get("XDG_DATA_HOME", ""))
    return path if path.is_absolute() else home / ".local/share"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False


def _installed(home: Path, runner: Runner, fs: Path) -> bool:
    """Whether a browser is here that would use the user's own home, on Linux."""
    if not distro.os_release(fs):
        return False
    paths = (runner.which(program) for program in PROGRAMS)
    if any(path and not path.startswith("/snap/") for path in paths):
        return True
    return any(True for pattern in _DOWNLOADED for _ in home.glob(pattern))


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
