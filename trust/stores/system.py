"""The system's store on Linux: a folder of anchors, and a bundle made from it.

install_plan writes an anchor; state checks the bundle, because programs read that. It was
tried on Debian; the other layouts follow their documentation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust import distro, pem
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store, missing


@dataclass(frozen=True)
class Layout:
    """The paths and commands of a family of distributions. Paths are relative to /."""

    title: str
    families: tuple[str, ...]
    anchors: str
    bundle: str  # the file that programs read
    update: tuple[str, ...]  # the command that makes the bundle
    # The command after a removal, if it is another one.
    fresh: tuple[str, ...] = ()
    distrusted: tuple[str, ...] = ()  # folders of p11-kit; they overrule the anchors


LAYOUTS = (
    Layout(
        "system (Fedora, RHEL)",
        (distro.FEDORA,),
        "etc/pki/ca-trust/source/anchors",
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ("update-ca-trust",),
        distrusted=("etc/pki/ca-trust/source/blocklist", "etc/pki/ca-trust/source/blacklist"),
    ),
    Layout(
        "system (SUSE)",
        (distro.SUSE,),
        "etc/pki/trust/anchors",
        "var/lib/ca-certificates/ca-bundle.pem",
        ("update-ca-certificates",),
        distrusted=("etc/pki/trust/blocklist", "etc/pki/trust/blacklist"),
    ),
    Layout(
        "system (Arch)",
        (distro.ARCH,),
        "etc/ca-certificates/trust-source/anchors",
        "etc/ca-certificates/extracted/tls-ca-bundle.pem",
        ("trust", "extract-compat"),
        distrusted=(
            "etc/ca-certificates/trust-source/blocklist",
            "etc/ca-certificates/trust-source/blacklist",
        ),
    ),
    Layout(
        "system (Debian, Ubuntu, Alpine)",
        (distro.DEBIAN, distro.ALPINE),
        "usr/local/share/ca-certificates",
        "etc/ssl/certs/ca-certificates.crt",
        ("update-ca-certificates",),
        # Without --fresh, links stay in /etc/ssl/certs.
        fresh=("update-ca-certificates", "--fresh"),
    ),
)
# On Debian /usr/sbin is in sudo's PATH, but not in a user's.
_FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin", "usr/local/sbin", "usr/local/bin")


@dataclass
class SystemStore:
    """place is the folder of anchors."""

    layout: Layout
    fs: Path
    place: str
    title: str
    kind: str = "system"

    def state(self, root: Root, runner: Runner) -> State:
        distrusted = next(self._holding(root, *self.layout.distrusted), None)
        if distrusted:
            # ABSENT, because the store itself works: an administrator distrusted the
            # root, and this project does not undo that.
            return State(
                Presence.ABSENT,
                f"it is distrusted on this machine: {distrusted} holds it",
                str(Command(("rm", str(distrusted)), root=True)),
            )
        if self._bundled(root):
            return self._damaged() or TRUSTED
        if not self._tool(self.layout.update[0]):
            return missing(self.layout.update[0], self.fs)
        return ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        anchor = Path(self.place) / f"wss-stack-{root.sha256[:8]}.crt"
        return (
            # 0644 with any umask: one unreadable anchor breaks every lookup of
            # other users.
            Command(("install", "-D", "-m", "0644", str(root.path), str(anchor)), root=True),
            self._command(self.layout.update),
        )

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """Empty if no anchor has this certificate.

        The content decides, because an older version may have used another file name.
        """
        anchors = [str(path) for path in self._holding(root, self.layout.anchors)]
        removal = [Command(("rm", "-f", "--", *anchors), root=True)] if anchors else []
        if not anchors and not self._bundled(root):
            return ()
        return (*removal, self._command(self.layout.fresh or self.layout.update))

    def _bundled(self, root: Root) -> bool:
        return root.der in _certificates(self.fs / self.layout.bundle)

    def _damaged(self) -> State | None:
        """TRUSTED with a why if the bundle has a damaged block: programs refuse the whole bundle,
        or its rest."""
        bundle = self.fs / self.layout.bundle
        block = next((block for block in pem.blocks(bundle) if not block.der), None)
        if not block:
            return None
        why = f"{bundle} has a block that is not a certificate, in line {block.line}"
        fix = str(self._command(self.layout.fresh or self.layout.update))
        folder = Path(self.place)
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if block.text in (other.text for other in pem.blocks(file)):
                aside = Command(("mv", str(file), f"{file}.damaged"), root=True)
                return State(Presence.TRUSTED, f"{why}, from {file}", f"{aside} && {fix}")
        return State(Presence.TRUSTED, f"{why}; this makes the bundle again", fix)

    def _holding(self, root: Root, *folders: str) -> Iterator[Path]:
        """The files in these folders that have this certificate and no other."""
        for folder in folders:
            path = self.fs / folder
            for file in sorted(path.iterdir()) if path.is_dir() else ():
                try:
                    held = _certificates(file) if file.is_file() else set()
                except PermissionError:
                    continue  # not this project's: everybody may read those
                if held == {root.der}:
                    yield file

    def _tool(self, name: str) -> str | None:
        paths = (self.fs / folder / name for folder in _FOLDERS)
        return next((str(path) for path in paths if os.access(path, os.X_OK)), None)

    def _command(self, argv: tuple[str, ...]) -> Command:
        # The command runs hooks: Debian's for Java takes long on a slow machine.
        return Command((self._tool(argv[0]) or argv[0], *argv[1:]), root=True, timeout=180)


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
    """The system's store, of the layout whose folders exist.

    A known distribution has one even if its package is not installed.
    """
    family = distro.family(fs)

    def likeness(layout: Layout) -> tuple[bool, bool]:
        return (fs / layout.anchors).is_dir(), family in layout.families

    likeliest = max(LAYOUTS, key=likeness)
    if not any(likeness(likeliest)):
        return ()
    return (SystemStore(likeliest, fs, str(fs / likeliest.anchors), likeliest.title),)


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """The store of the layout with its anchors in this place, even if another fits better now."""
    layout = next((layout for layout in LAYOUTS if str(fs / layout.anchors) == place), None)
    return SystemStore(layout, fs, place, title) if layout else None


def _certificates(path: Path) -> set[bytes]:
    """The DER of each certificate in a PEM file; none if the file is missing."""
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return set()
    return {block.der for block in pem.parse(text) if block.der}
