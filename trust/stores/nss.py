"""An NSS database, which Chromium and Firefox on Linux read instead of the system's store.

certutil finds a certificate by the hash of its key (a PKCS #11 URI, accepted as a
nickname since NSS 3.31). Nicknames are not reliable: NSS keeps an old nickname for a known
certificate, gives all certificates of a subject one nickname, and deletes any of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509

from trust.commands import Command, CommandError, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, may, missing, read_only

FLAGS = "C,,"  # trusted to issue server certificates, and nothing else
_SQLITE = b"SQLite format 3\0"
_TIMEOUT = 20.0
_NOT_THERE = 255  # certutil's exit code for a certificate that it does not find, among others
# Without a password certutil asks on the terminal, not on stdin, and waits. With an
# empty password file it does not ask.
_NEVER_ASK = ("-f", os.devnull)


@dataclass
class NssStore:
    """place is the database's folder, which need not exist yet.

    kind: "firefox" for the database of a profile, "nss" for a shared one.
    """

    place: str
    title: str
    fs: Path
    runner: Runner
    kind: str = "nss"

    def state(self, root: Root, runner: Runner) -> State:
        """ABSENT with a why: the root is not there, and cannot be added now."""
        try:
            there = self._database.exists()
        except PermissionError as error:
            return self._closed(error)
        if self._folder.exists() and not self._folder.is_dir():
            return State(
                Presence.UNAVAILABLE,
                f"{self._folder} is not a folder",
                str(Command(("mv", self.place, f"{self.place}.old"))),
            )
        if not runner.which("certutil"):
            return missing("certutil", self.fs)
        if not there:
            return self._cannot_be_made() or ABSENT
        shown = self._show(root, runner)
        if shown is not None:
            return TRUSTED if _trusted(shown) else self._absent(root, runner)
        listed = runner.look(*self._certutil("-L").argv, timeout=_TIMEOUT)
        if listed.code != 0 and not self._interrupted():
            return self._unreadable(listed.err)
        return self._absent(root, runner)

    def install_plan(self, root: Root) -> Sequence[Command]:
        make = []
        if not self._folder.exists():
            make.append(Command(("mkdir", "-p", "-m", "0700", self.place)))
        if not self._database.exists():
            make.append(self._certutil("-N", "--empty-password"))
        elif self._locked(self.runner):
            # This ends the plan if the password is missing: -A would then leave the
            # certificate without flags (seen with NSS 3.110).
            make.append(self._certutil("-K"))
        return (*make, self._add(root))

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """Empty if the certificate is not there, with any flags.

        certutil -D exits with 0 even if the disk did not take the change: the certificate is
        still there then, without trust, or comes back when a program writes. So the plan ends
        with a look at the database, and at the certificate, which fails if it is there.
        """
        delete, listing = self._certutil("-D", "-n", _uri(root)), self._certutil("-L")
        gone = replace(self._certutil("-L", "-n", _uri(root)), codes=(_NOT_THERE,))
        try:
            if not self._database.exists():
                return ()
            if self._show(root, self.runner) is None:
                if not self._interrupted() or self.runner.look(*listing.argv).code == 0:
                    return ()
                # Nobody can tell what is in it until a program writes.
                delete = replace(delete, codes=(0, _NOT_THERE))
        except CommandError:
            pass  # running the plan says what is wrong
        return (delete, listing, gone)

    @property
    def _folder(self) -> Path:
        return Path(self.place)

    @property
    def _database(self) -> Path:
        return self._folder / "cert9.db"

    def _interrupted(self) -> bool:
        """Whether a program was killed while it changed the database, or the disk was full.

        NSS then opens it only for a program that writes: SQLite rolls the journal back, and NSS
        makes an empty file again. A browser does so too.
        """
        files = (self._database, self._folder / "key4.db")
        return any(
            Path(f"{file}-journal").exists() or not file.exists() or file.stat().st_size == 0
            for file in files
        )

    def _certutil(self, verb: str, *arguments: str) -> Command:
        argv = ("certutil", verb, "-d", f"sql:{self.place}", *arguments, *_NEVER_ASK)
        return Command(argv, timeout=_TIMEOUT)

    def _add(self, root: Root) -> Command:
        return self._certutil("-A", "-t", FLAGS, "-n", root.name, "-i", str(root.path))

    def _show(self, root: Root, runner: Runner) -> str | None:
        """certutil's text on exactly this certificate; None if it is not there."""
        result = runner.look(*self._certutil("-L", "-n", _uri(root)).argv, timeout=_TIMEOUT)
        # certutil shows other certificates of the same subject after it.
        for shown in result.out.split("\nCertificate:\n") if result.code == 0 else ():
            fingerprint = re.search(r"Fingerprint \(SHA-256\):\s*([0-9A-F:]+)", shown)
            if fingerprint and fingerprint[1].replace(":", "").lower() == root.sha256:
                return shown
        return None

    def _absent(self, root: Root, runner: Runner) -> State:
        if read_only(self._folder):
            why = f"{self._folder} is on a read-only file system"
            return State(Presence.ABSENT, why, "mount it writable, then again")
        for path in (self._folder, self._database):
            if not may(path, os.W_OK):
                return State(Presence.ABSENT, f"{path} is read-only", _opening(path, "u+w"))
        if self._locked(runner):
            asking = self._add(root).argv[: -len(_NEVER_ASK)]
            why = "it has a primary password; for certutil to ask for it, type this yourself"
            return State(Presence.ABSENT, why, _typed(asking))
        return ABSENT

    def _cannot_be_made(self) -> State | None:
        """The state if the database's folder cannot be made. Docker's daemon may have made a
        parent as root: ~/.local, for one."""
        up = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        if may(up, os.W_OK):
            return None
        why = f"{self._folder} cannot be made: "
        if read_only(up):
            why += f"{up} is on a read-only file system"
            return State(Presence.ABSENT, why, "mount it writable, then again")
        owner = up.stat().st_uid
        if owner == os.geteuid():
            return State(Presence.ABSENT, f"{why}{up} is read-only", _opening(up, "u+w"))
        why += f"{up} belongs to user {owner}, not to you"
        # Only a folder in the user's home may be taken over; others are only shown.
        home = Path(self.runner.env.get("HOME") or "/")
        theirs = [p for p in (up, *up.parents) if home in p.parents and p.stat().st_uid == owner]
        fix = _opening(theirs[-1], "u+w") if theirs else _typed(("ls", "-ld", str(up)))
        return State(Presence.ABSENT, why, fix)

    def _locked(self, runner: Runner) -> bool:
        """Whether adding needs a password. Listing keys needs it too, and changes nothing."""
        try:
            keys = runner.look(*self._certutil("-K").argv, timeout=_TIMEOUT)
        except CommandError:
            return False  # running the plan says what is wrong
        return "SEC_ERROR_BAD_PASSWORD" in keys.err

    def _closed(self, error: PermissionError) -> State:
        """The state if another user's folder is on the way: root's, after sudo chromium."""
        up = (self._folder, *self._folder.parents)
        closed = next(path for path in up if may(path, os.F_OK))
        # Folders further up have other uses, and are only shown.
        fix = _opening(closed, "u+rwx") if closed in up[:2] else _typed(("ls", "-ld", str(closed)))
        why = f"{closed} cannot be opened ({error.strerror})"
        return State(Presence.UNAVAILABLE, why, fix)

    def _unreadable(self, said: str) -> State:
        try:
            with self._database.open("rb") as file:
                whole = file.read(len(_SQLITE)) == _SQLITE
        except OSError as error:
            why = f"{self._database} cannot be read ({error.strerror})"
            return State(Presence.UNAVAILABLE, why, _opening(self._database, "u+r"))
        if whole:
            lines = said.strip().splitlines() or ["it said nothing"]
            why = (
                f"{self._database} cannot be opened: locked by another program, or damaged, or of "
                f"another version: {lines[-1].rstrip('.')}. Close that program, then try again"
            )
            return State(Presence.UNAVAILABLE, why, self._who_has_it())
        return State(
            Presence.UNAVAILABLE,
            f"{self._database} is damaged: it is not a database",
            _typed(("mv", str(self._database), f"{self._database}.damaged")),
        )

    def _who_has_it(self) -> str:
        lsof = self.runner.which("lsof") and not self.runner.which("fuser")
        return _typed((*(("lsof",) if lsof else ("fuser", "-v")), str(self._database)))


def _opening(path: Path, mode: str) -> str:
    """The command that gives the user a folder, or a file with all files beside it."""
    if path.stat().st_uid == os.geteuid():
        return _typed(("chmod", mode, str(path)))
    # Numbers, because with su $(id -u) would be root's.
    folder, user = path if path.is_dir() else path.parent, f"{os.geteuid()}:{os.getegid()}"
    return str(Command(("chown", "-R", user, str(folder)), root=True))


def _typed(argv: tuple[str, ...]) -> str:
    return str(Command(argv))


def _trusted(shown: str) -> bool:
    """Whether certutil's text has the flags of a root that is trusted for TLS."""
    found = re.search(r"SSL Flags:\n(.*?)Email Flags:", shown, re.DOTALL)
    flags = {line.strip() for line in found[1].splitlines()} if found else set()
    # Flag p makes a "Terminal Record": the certificate is distrusted.
    return "Trusted CA" in flags and "Terminal Record" not in flags


def _uri(root: Root) -> str:
    certificate = x509.load_der_x509_certificate(root.der)
    key = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    return "pkcs11:id=" + "".join(f"%{byte:02X}" for byte in key)
