"""The browsers of this machine: their programs, names, folders and processes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Chromium and the browsers built on it, by the program's name.
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


@dataclass(frozen=True)
class Kin:
    """Firefox or a program made from it, in which each profile has a certificate database.

    programs: empty for a program that cannot be told to open a page. config, home: the
    profiles' folder in XDG_CONFIG_HOME (Firefox since 147) and in the home folder.
    """

    name: str
    programs: tuple[str, ...]
    config: tuple[str, ...]
    home: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    kin: Kin
    path: Path


FIREFOX = Kin(
    "Firefox",
    ("firefox", "firefox-esr"),
    ("mozilla/firefox",),
    (
        ".mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/config/mozilla/firefox",
    ),
)
FIREFOXES = (
    FIREFOX,
    Kin(
        "LibreWolf",
        ("librewolf",),
        ("librewolf/librewolf", "librewolf"),
        (".librewolf", ".var/app/io.gitlab.librewolf-community/.librewolf"),
    ),
    Kin(
        "Waterfox",
        ("waterfox",),
        ("waterfox",),
        (".waterfox", ".var/app/net.waterfox.waterfox/.waterfox"),
    ),
    Kin(
        "Zen",
        ("zen-browser", "zen"),
        ("zen",),
        (".zen", ".var/app/app.zen_browser.zen/.zen"),
    ),
    Kin(
        "Thunderbird",
        (),
        ("thunderbird",),
        (
            ".thunderbird",
            "snap/thunderbird/common/.thunderbird",
            ".var/app/org.mozilla.Thunderbird/.thunderbird",
        ),
    ),
)
# The names of the processes of each kind of browser.
PROCESSES = {
    "chromium": re.compile("chromium|chrome|brave|msedge|vivaldi|opera"),
    "firefox": re.compile(r"firefox|librewolf|waterfox|^zen(-browser|-bin)?$"),
}
# The Chromium that Playwright or Puppeteer downloaded for tests.
DOWNLOADED = (".cache/ms-playwright/chromium*", ".cache/puppeteer/chrome*")

# A browser in a sandbox has its own home. Only existing folders are used: the browser's
# version decides which of the two it would make.
_SANDBOXED = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)
# The files that name profiles, by an absolute path or a path from their own folder. Other
# values in them look the same but name no folder with a database.
_LISTS = ("profiles.ini", "installs.ini")
_LISTED = re.compile(r"^(?:Path|Default)=(.+)$", re.MULTILINE)


def new_nss(env: Mapping[str, str]) -> Path:
    """The NSS database to make if Chromium has none: always the XDG one.

    A ~/.pki/nssdb, even an empty one, makes Chromium (since 146) ignore the XDG one, with
    the certificates that the user has put there. env: with HOME.
    """
    return _xdg(env, "XDG_DATA_HOME", ".local/share") / "pki/nssdb"


def home_nss(env: Mapping[str, str]) -> list[Path]:
    """The existing databases in the home folder that Chromium reads."""
    return [path for path in (Path(env["HOME"]) / ".pki/nssdb", new_nss(env)) if _exists(path)]


def sandboxed_nss(env: Mapping[str, str]) -> list[Path]:
    """The existing databases of snap and flatpak."""
    home = Path(env["HOME"])
    return [path for pattern in _SANDBOXED for path in sorted(home.glob(pattern))]


def profiles(env: Mapping[str, str]) -> list[Profile]:
    """The profiles of Firefox and programs made from it: folders with a certificate database.

    Both the folders and profiles.ini are read: profiles.ini lacks profiles that were moved
    here, and only it has those in other places. Without HOME there are none.
    """
    if not env.get("HOME"):
        return []
    home, config = Path(env["HOME"]), _xdg(env, "XDG_CONFIG_HOME", ".config")
    found: dict[Path, Profile] = {}
    for kin in FIREFOXES:
        roots = [*(config / root for root in kin.config), *(home / root for root in kin.home)]
        for path in (path for root in roots for path in _in_root(root)):
            # One root may be a link to another.
            found.setdefault(path.resolve(), Profile(kin, path))
    return list(found.values())


def _in_root(root: Path) -> Iterator[Path]:
    yield from (database.parent for database in sorted(root.glob("*/cert9.db")))
    for name in _LISTS:
        try:
            text = (root / name).read_text("utf-8-sig", errors="replace")
        except OSError:
            continue
        paths = (root / listed[1].strip() for listed in _LISTED.finditer(text))
        yield from (path for path in paths if _exists(path / "cert9.db"))


def _xdg(env: Mapping[str, str], name: str, default: str) -> Path:
    # The XDG specification says that relative paths are ignored.
    path = Path(env.get(name, ""))
    return path if path.is_absolute() else Path(env["HOME"]) / default


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # ValueError: a null byte
        return False
