"""Windows: the user's own root store, from WSL. Untried.

Written from certutil's documentation and from what its users show: no Windows
could be reached to try it, the tests hold the plans only.

The user's store needs no administrator, and Edge, Chrome, curl.exe, .NET and
whatever else asks the system read it. Windows shows a window before it adds to
that store or deletes from it: somebody must be there to say yes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.commands import Command, CommandError, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store

_CERTUTIL = "certutil.exe"
# sudo takes Windows' folders from PATH, and so does appendWindowsPath=false.
_FROM_WSL = "mnt/c/Windows/System32/certutil.exe"
_STORE = ("-user", "Root")
_NOT_FOUND = "_NOT_FOUND"  # NTE_ or CRYPT_E_; the words around it are translated
_TIMEOUT = 300.0  # somebody has to find the window and say yes


class WindowsStore:
    """The root store of the current Windows user.

    certutil: what starts Windows' own, not the NSS tool of the same name.
    """

    kind = "windows"
    place = "CurrentUser\\Root"
    title = "Windows (from WSL)"

    def __init__(self, certutil: str) -> None:
        self._certutil = certutil

    def state(self, root: Root, runner: Runner) -> State:
        try:
            found = runner.look(self._certutil, "-store", *_STORE, _sha1(root))
        except CommandError as error:
            # Where systemd or a setting has taken WSL's hook away, no program of
            # Windows' can be started; the command is for a window of Windows'.
            why = f"{error}; is WSL's interop on?"
            return State(Presence.UNAVAILABLE, why, "in PowerShell: wsl --shutdown")
        said = found.out + found.err
        if found.code == 0:
            # The argument may also match a serial number or a name. Old ones
            # print the hash in pairs.
            return TRUSTED if _sha1(root) in said.replace(" ", "").lower() else ABSENT
        if _NOT_FOUND in said:
            return ABSENT
        lines = [line for line in said.splitlines() if line.strip()] or ["certutil said nothing"]
        return State(Presence.UNAVAILABLE, lines[-1].strip(), str(self._listing))

    @property
    def _listing(self) -> Command:
        return Command((self._certutil, "-store", *_STORE))

    def install_plan(self, root: Root) -> Sequence[Command]:
        # Windows reads a file in WSL as \\wsl.localhost\<distribution>\..., and
        # only wslpath knows how that is written here: asked when it is run.
        script = 'file=$(wslpath -w "$2") && "$1" -addstore -user Root "$file"'
        argv = ("sh", "-c", script, "sh", self._certutil, str(root.path))
        return [Command(argv, timeout=_TIMEOUT)]

    def removal_plan(self, root: Root) -> Sequence[Command]:
        return [Command((self._certutil, "-delstore", *_STORE, _sha1(root)), timeout=_TIMEOUT)]


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """The store of the Windows whose WSL this runs in."""
    if not is_wsl(fs):
        return []
    if runner.which(_CERTUTIL):
        return [WindowsStore(_CERTUTIL)]
    # A container in WSL's kernel has neither: no Windows can be reached from it.
    away = fs / _FROM_WSL
    return [WindowsStore(str(away))] if away.exists() else []


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """There is one; it is found from anywhere, or cannot be reached."""
    return next(iter(find(runner.env, runner, fs)), None)


def is_wsl(fs: Path) -> bool:
    """Also in a container of WSL's."""
    try:
        return "microsoft" in (fs / "proc/sys/kernel/osrelease").read_text().lower()
    except OSError:
        return False


def _sha1(root: Root) -> str:
    """How certutil names a certificate."""
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest()
