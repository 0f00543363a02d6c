"""Windows: the user's own root store, from WSL. Untried.

It follows certutil's documentation and examples of its users; no Windows was there to
try it, and the tests check only the plans.

The user's store needs no administrator. Edge, Chrome, curl.exe, .NET and all programs that
ask the system read it. Windows asks in a window before a root is added or deleted, and the
user must answer yes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.commands import Command, CommandError, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store

_CERTUTIL = "certutil.exe"
# With sudo, or with appendWindowsPath=false, PATH lacks Windows' folders.
_FROM_WSL = "mnt/c/Windows/System32/certutil.exe"
_STORE = ("-user", "Root")
_NOT_FOUND = "_NOT_FOUND"  # after NTE_ or CRYPT_E_; Windows translates the other words
_TIMEOUT = 300.0  # seconds for the user to find the window and answer yes


class WindowsStore:
    """The root store of the current Windows user.

    certutil: the path of Windows' certutil, not of the NSS tool with the same name.
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
            # If systemd or a setting has removed WSL's hook, WSL starts no Windows programs;
            # the command is for PowerShell on Windows.
            why = f"{error}; is WSL's interop on?"
            return State(Presence.UNAVAILABLE, why, "in PowerShell: wsl --shutdown")
        said = found.out + found.err
        if found.code == 0:
            # The argument may also match a serial number or a name. Old versions of
            # certutil print the hash in pairs.
            return TRUSTED if _sha1(root) in said.replace(" ", "").lower() else ABSENT
        if _NOT_FOUND in said:
            return ABSENT
        lines = [line for line in said.splitlines() if line.strip()] or ["certutil said nothing"]
        return State(Presence.UNAVAILABLE, lines[-1].strip(), str(self._listing))

    @property
    def _listing(self) -> Command:
        return Command((self._certutil, "-store", *_STORE))

    def install_plan(self, root: Root) -> Sequence[Command]:
        # Windows reads a file in WSL as \\wsl.localhost\<distribution>\..., and only
        # wslpath knows that path, so the script asks it.
        script = 'file=$(wslpath -w "$2") && "$1" -addstore -user Root "$file"'
        argv = ("sh", "-c", script, "sh", self._certutil, str(root.path))
        return [Command(argv, timeout=_TIMEOUT)]

    def removal_plan(self, root: Root) -> Sequence[Command]:
        return [Command((self._certutil, "-delstore", *_STORE, _sha1(root)), timeout=_TIMEOUT)]


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """The store of the Windows whose WSL this is."""
    if not is_wsl(fs):
        return []
    if runner.which(_CERTUTIL):
        return [WindowsStore(_CERTUTIL)]
    # A container in WSL's kernel has neither path, and cannot reach Windows.
    away = fs / _FROM_WSL
    return [WindowsStore(str(away))] if away.exists() else []


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """The only Windows store; None if it cannot be reached."""
    return next(iter(find(runner.env, runner, fs)), None)


def is_wsl(fs: Path) -> bool:
    """Whether this is WSL, or a container in it."""
    try:
        return "microsoft" in (fs / "proc/sys/kernel/osrelease").read_text().lower()
    except OSError:
        return False


def _sha1(root: Root) -> str:
    """The hash by which certutil identifies a certificate."""
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest()
