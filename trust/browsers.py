"""Browsers of this machine: their programs, names and folders, for stores, clients and the
question which of them still run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# Chromium and what is built on it, by the program's name.
CHROMIUMS = {
    "chromium": "Chromium",
    "chromium-browser": "Chromium",
    "google-chrome": "Chrome",
    "google-chrome-stable": "Chrome",
    "google-chrome-beta": "Chrome beta",
    "google-chrome-unstable": "Chrome dev",
    "brave-browser": "Brave",
    "brave": "Brave",
    "microsoft-edge": "Edge",
    "microsoft-edge-stable": "Edge",
    "vivaldi": "Vivaldi",
    "vivaldi-stable": "Vivaldi",
    "opera": "Opera",
}
FIREFOXES = ("firefox", "firefox-esr")
# What the processes of each kind of browser are called, in part.
PROCESSES = {
    "chromium": ("chromium", "chrome", "brave", "msedge", "vivaldi", "opera"),
    "firefox": ("firefox",),
}
# Playwright's and Puppeteer's, which tests of web pages bring along.
DOWNLOADED = (".cache/ms-playwright/chromium*", ".cache/puppeteer/chrome*")

# Browsers in a sandbox have a home of their own. Only what is there is used: which of the
# two folders a browser would make depends on its version.
_SANDBOXED = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)
# Under the home folder. The first of all is in XDG_CONFIG_HOME, since Firefox 147.
_PROFILES = (
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
)


def new_nss(env: Mapping[str, str]) -> Path:
    """The NSS database that Chromium makes where there is none.

    The XDG one, always: ~/.pki/nssdb, even empty, makes Chromium (since 146) overlook the
    other one, with the certificates that its user has put there. env: with HOME.
    """
    return _xdg(env, "XDG_DATA_HOME", ".local/share") / "pki/nssdb"


def home_nss(env: Mapping[str, str]) -> list[Path]:
    """The databases in the home folder that Chromium reads, of those that are there."""
    return [path for path in (Path(env["HOME"]) / ".pki/nssdb", new_nss(env)) if _exists(path)]


def sandboxed_nss(env: Mapping[str, str]) -> list[Path]:
    """Those of snap and flatpak that are there."""
    home = Path(env["HOME"])
    return [path for pattern in _SANDBOXED for path in sorted(home.glob(pattern))]


def profiles(env: Mapping[str, str]) -> list[Path]:
    """Firefox's profiles, each once: the folders with a certificate database.

    profiles.ini also lists those that were never started, and misses those that were moved
    here. Without HOME there are none.
    """
    if not env.get("HOME"):
        return []
    home = Path(env["HOME"])
    config = _xdg(env, "XDG_CONFIG_HOME", ".config")
    roots = [config / "mozilla/firefox", *(home / root for root in _PROFILES)]
    found: dict[Path, Path] = {}
    for root in roots:
        for database in sorted(root.glob("*/cert9.db")):
            # One root may be a link to another.
            found.setdefault(database.parent.resolve(), database.parent)
    return list(found.values())


def _xdg(env: Mapping[str, str], name: str, default: str) -> Path:
    # The XDG specification has relative paths ignored.
    path = Path(env.get(name, ""))
    return path if path.is_absolute() else Path(env["HOME"]) / default


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False
