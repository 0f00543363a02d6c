"""Java's keystores: the cacerts of each JVM, and the one that Debian's JVMs share.

All work is done by keytool, with the default password of cacerts. A root is found by its
certificate, not by its alias: Debian's hook copies the system store into the shared
keystore under other aliases, and does not remove them with the system store's root.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust import jvms
from trust.commands import Command, CommandError, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store, may, missing, read_only

_PASSWORD = "changeit"  # noqa: S105 - public: it is in Java's documentation
_SHARED = "etc/ssl/certs/java/cacerts"
# keytool translates its messages; the patterns below are English.
_ENGLISH = ("-J-Duser.language=en", "-J-Duser.country=US")
_TIMEOUT = 60.0  # a JVM's first start on a busy machine takes its time
_LABEL = re.compile(r"^Alias name: ", re.MULTILINE)
_COUNT = re.compile(r"^Your keystore contains (\d+) entr", re.MULTILINE)
_TRUSTED_ENTRY = re.compile(
    r"^Entry type: trustedCertEntry\s+"
    r"(-----BEGIN CERTIFICATE-----\n.+?\n-----END CERTIFICATE-----)$",
    re.MULTILINE | re.DOTALL,
)


class JavaStore:
    """One keystore. path: the real one, without links.

    keytool: None if this machine has none. fs: the folder for /.
    """

    kind = "java"

    def __init__(self, path: Path, title: str, keytool: Path | None, fs: Path = Path("/")) -> None:
        self.place = str(path)
        self.title = title
        self.keytool = keytool
        self._path = path
        self._fs = fs
        # The aliases of each certificate that state found; removal_plan deletes them.
        self._found: dict[str, list[str]] = {}

    def state(self, root: Root, runner: Runner) -> State:
        if not self.keytool:
            return missing("keytool", self._fs)
        if not may(self._path, os.R_OK):
            chmod = Command(("chmod", "a+r", self.place), root=True)
            return _unavailable(f"{self.place} cannot be read", str(chmod))
        listed = runner.look(*self._keytool("-list", "-rfc"), timeout=_TIMEOUT)
        if listed.code != 0:
            return self._unreadable(root, listed.out.strip() or listed.err.strip())
        self._found[root.sha256] = _aliases(listed.out, root.der)
        if self._found[root.sha256]:
            return TRUSTED
        # On Snap, Nix and image-based systems not even root can write there.
        if read_only(self._path):
            why = f"{self.place} is on a read-only file system"
            return _unavailable(why, "name another JVM in JAVA_HOME and PATH, then again")
        return ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        name = ("-alias", _alias(root), "-file", str(root.path))
        return self._changed([("-importcert", "-noprompt", *name)])

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """Deletes every alias under which the last check saw this certificate; before a
        check, the alias that install_plan uses."""
        aliases = self._found.get(root.sha256, [_alias(root)])
        if aliases:
            return self._changed([("-delete", "-noprompt", "-alias", alias) for alias in aliases])
        return [self._own("rm", self._copy)] if Path(self._copy).exists() else []

    @property
    def _copy(self) -> str:
        return f"{self.place}.wss-stack"

    def _changed(self, steps: Sequence[tuple[str, ...]]) -> Sequence[Command]:
        """keytool empties a keystore before it writes it. On a full disk, or killed, it would
        leave Java without any root. So it changes a copy, which then replaces the keystore."""
        if may(self._path, os.W_OK) and not may(self._path.parent, os.W_OK):
            return [self._command(*step) for step in steps]  # nobody but root can make a copy
        return [
            self._own("cp", "-p", self.place, self._copy),
            *(self._command(*step, keystore=self._copy) for step in steps),
            self._own("mv", self._copy, self.place),
        ]

    def _own(self, *argv: str) -> Command:
        return Command(argv, root=self._needs_root)

    def _keytool(self, verb: str, *arguments: str, keystore: str = "") -> tuple[str, ...]:
        place = ("-keystore", keystore or self.place, "-storepass", _PASSWORD)
        return (str(self.keytool), *_ENGLISH, verb, *arguments, *place)

    def _command(self, *step: str, keystore: str = "") -> Command:
        argv = self._keytool(*step, keystore=keystore)
        return Command(argv, root=self._needs_root, timeout=_TIMEOUT)

    def _asking(self, verb: str, *arguments: str, root: Root) -> str:
        keystore = ("-alias", _alias(root), "-keystore", self.place)
        return str(Command((str(self.keytool), verb, *arguments, *keystore), self._needs_root))

    @property
    def _needs_root(self) -> bool:
        return not may(self._path, os.W_OK)

    def _unreadable(self, root: Root, said: str) -> State:
        why = (said.splitlines() or ["keytool said nothing"])[-1]
        if "password was incorrect" in why:
            return State(
                Presence.UNAVAILABLE,
                f"{self.place} has another password than {_PASSWORD}; for keytool to ask for it, "
                "type this yourself",
                self._asking("-importcert", "-noprompt", "-file", str(root.path), root=root),
                self._asking("-delete", root=root),
            )
        return _unavailable(why.removeprefix("keytool error: "), str(self._command("-list")))


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """The keystores of the JVMs that JAVA_HOME and PATH lead to, each file once.

    fs is put before the shared keystore's path, not before JAVA_HOME and PATH.
    """
    titles: dict[Path, str] = {}
    keytools: dict[Path, Path] = {}
    spare: Path | None = None  # for a runtime without one, or none at all
    for jvm in jvms.find(env, runner, fs):
        spare = spare or jvm.keytool
        for keystore in jvm.keystores:
            titles.setdefault(keystore, f"Java ({jvm.home})")
            if jvm.keytool:
                keytools.setdefault(keystore, jvm.keytool)
    if shared := jvms.real(fs / _SHARED):
        titles[shared] = "Java (shared keystore)"
    return [JavaStore(path, title, keytools.get(path, spare), fs) for path, title in titles.items()]


def at(place: str, title: str, runner: Runner, fs: Path) -> Store:
    """The keystore in this place, even if JAVA_HOME and PATH have changed."""
    path = Path(place)
    return JavaStore(path, title, next(jvms.keytools(path, runner, fs), None), fs)


def _alias(root: Root) -> str:
    # Keystores use lower case, and keytool loses letters that the locale lacks.
    return root.name.lower().encode("ascii", "replace").decode()


def _aliases(listing: str, der: bytes) -> list[str]:
    """The aliases under which `keytool -list -rfc` shows this certificate as trusted.

    A key whose chain has this certificate is not a trusted entry, and must stay.
    """
    head, *entries = _LABEL.split(listing.replace("\r\n", "\n"))
    count = _COUNT.search(head)
    if not count or int(count[1]) != len(entries):
        raise CommandError("keytool's list cannot be understood")
    return [
        entry.partition("\n")[0]
        for entry in entries
        if (shown := _TRUSTED_ENTRY.search(entry)) and ssl.PEM_cert_to_DER_cert(shown[1]) == der
    ]


def _unavailable(why: str, fix: str) -> State:
    return State(Presence.UNAVAILABLE, why, fix)
