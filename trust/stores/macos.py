"""macOS: a keychain, and the trust settings that go with it. Untried.

Written from the manual page of `security` and from what mkcert and dotnet do: no
Mac could be reached to try it, the tests hold the plans only.

The login keychain is enough for the user who runs this: Safari, Chrome, curl, Go and
whatever else asks the system see it, and it needs no root, only the password in
a window of the system's (since macOS 11 there is no other way). Where nobody can
answer that window, in CI, it would hang: there, and for root, who has no login
keychain, it is the System keychain.
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
_TIMEOUT = 300.0  # somebody has to find the window and type a password


class Keychain:
    """One keychain. admin: the trust settings of all users, not of this one."""

    kind = "macos"

    def __init__(self, path: Path, *, admin: bool) -> None:
        self.place = str(path)
        self.title = "macOS System keychain" if admin else "macOS login keychain"
        self._admin = admin

    def state(self, root: Root, runner: Runner) -> State:
        # By name, but all of that name (-a), and the hash decides.
        found = runner.look("security", "find-certificate", "-a", "-Z", "-c", root.name, self.place)
        if found.code not in (0, _NOT_FOUND):
            why = (found.err.strip() or "security said nothing").splitlines()[-1]
            # What stands in the way is a lock, if it is anything that can be fixed.
            unlock = Command(("security", "unlock-keychain", self.place), root=self._admin)
            return State(Presence.UNAVAILABLE, why, str(unlock))
        if _sha1(root) not in found.out.upper():
            return ABSENT
        # It is there; whether it is trusted is another matter. -l: a CA may stand
        # at the end of the chain; -L and -R offline: nothing is fetched.
        verified = runner.look(
            "security", "verify-cert", "-l", "-L", "-R", "offline", "-c", str(root.path)
        )
        return TRUSTED if verified.code == 0 else ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        # For TLS alone: without -p it would be trusted for mail and code as well.
        # Go asks for the basic policy too (golang/go#24652).
        policies = ("-r", "trustRoot", "-p", "ssl", "-p", "basic")
        keychain = ("-k", self.place, str(root.path))
        return [self._command("add-trusted-cert", *self._domain, *policies, *keychain)]

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """The trust first: without its certificate it could not be seen any more."""
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
    """The one keychain to write to, on a Mac. HOME is taken as it is."""
    system = fs / _SYSTEM
    if not system.exists():
        return []
    login = Path(env["HOME"], _LOGIN) if env.get("HOME") else None
    if login and login.exists() and not env.get("CI"):
        return [Keychain(login, admin=False)]
    return [Keychain(system, admin=True)]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """Either keychain, whatever CI says by now."""
    system = fs / _SYSTEM
    return Keychain(Path(place), admin=place == str(system)) if system.exists() else None


def _sha1(root: Root) -> str:
    """How `security` names a certificate."""
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest().upper()
