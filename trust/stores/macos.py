"""macOS: a keychain and its trust settings. Untried.

It follows the manual page of `security`, mkcert and dotnet; no Mac was there to try it,
and the tests check only the plans.

The login keychain is enough for one user: Safari, Chrome, curl, Go and all programs that
ask the system read it. It needs no root, only the user's password in a window (since
macOS 11 there is no other way). In CI nobody can answer that window, and root has no
login keychain, so both get the System keychain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.commands import Command, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store

_SYSTEM = "Library/Keychains/System.keychain"
_LOGIN = "Library/Keychains/login.keychain-db"
_NOT_FOUND = 44  # security's exit code for errSecItemNotFound
_TIMEOUT = 300.0  # seconds for the user to find the window and type a password


class Keychain:
    """One keychain. admin: whether to use the trust settings of all users."""

    kind = "macos"

    def __init__(self, path: Path, *, admin: bool) -> None:
        self.place = str(path)
        self.title = "macOS System keychain" if admin else "macOS login keychain"
        self._admin = admin

    def state(self, root: Root, runner: Runner) -> State:
        # Finds all certificates of that name (-a); the hash decides.
        found = runner.look("security", "find-certificate", "-a", "-Z", "-c", root.name, self.place)
        if found.code not in (0, _NOT_FOUND):
            why = (found.err.strip() or "security said nothing").splitlines()[-1]
            # The one obstacle that a user can remove is a locked keychain.
            unlock = Command(("security", "unlock-keychain", self.place), root=self._admin)
            return State(Presence.UNAVAILABLE, why, str(unlock))
        if _sha1(root) not in found.out.upper():
            return ABSENT
        # The keychain has the root; this asks whether it is trusted. -l: a CA may be the end
        # of the chain; -L and -R offline: nothing is downloaded.
        verified = runner.look(
            "security", "verify-cert", "-l", "-L", "-R", "offline", "-c", str(root.path)
        )
        return TRUSTED if verified.code == 0 else ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        # Trust for TLS alone: without -p, mail and code signing would count too.
        # Go also needs the basic policy (golang/go#24652).
        policies = ("-r", "trustRoot", "-p", "ssl", "-p", "basic")
        keychain = ("-k", self.place, str(root.path))
        return [self._command("add-trusted-cert", *self._domain, *policies, *keychain)]

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """Removes the trust settings first: without their certificate they cannot be found."""
        return [
            self._command("remove-trusted-cert", *self._domain, str(root.path)),
            self._command("delete-certificate", "-Z", _sha1(root), self.place),
        ]

    @property
    def _domain(self) -> tuple[str, ...]:
        return ("-d",) if self._admin else ()

    def _command(self, *arguments: str) -> Command:
        return Command(("security", *arguments), root=self._admin, timeout=_TIMEOUT)


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """The keychain to write to, on a Mac. fs is not put before HOME."""
    system = fs / _SYSTEM
    if not system.exists():
        return []
    login = Path(env["HOME"], _LOGIN) if env.get("HOME") else None
    if login and login.exists() and not env.get("CI"):
        return [Keychain(login, admin=False)]
    return [Keychain(system, admin=True)]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """The keychain in this place, even if CI has changed."""
    system = fs / _SYSTEM
    return Keychain(Path(place), admin=place == str(system)) if system.exists() else None


def _sha1(root: Root) -> str:
    """The hash by which `security` identifies a certificate."""
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest().upper()
