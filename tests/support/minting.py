"""Where a test mints, and what must hold there at any moment."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from certs import ca_home, leaf, leaf_dir, output
from certs.authority import Authority
from certs.mint import ensure
from tests.support.certificates import read_authority, settings


class Place:
    """Where one test mints, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca, self.leaf = folder / "ca", folder / "leaf"
        self.authority, self.root = self.ca / ca_home.AUTHORITY, self.ca / ca_home.ROOT
        self.said: list[str] = []

    def mint(self, hosts: str = "", permit: str = "") -> Authority:
        self.said.clear()
        with output.told(self.said.append):
            return ensure(settings(self.folder, hosts, permit))

    def state(self) -> dict[Path, tuple[int, int]]:
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}

    def kept(self) -> list[Path]:
        """What was set aside."""
        return sorted(self.folder.glob("*/*.pem.*"))


def assert_whole(folder: Path) -> None:
    """Whatever has its real name is complete, even where something is missing."""
    if (folder / "ca" / ca_home.AUTHORITY).exists():
        read_authority(folder)
    if (folder / "ca" / ca_home.ROOT).exists():
        x509.load_pem_x509_certificate((folder / "ca" / ca_home.ROOT).read_bytes())
    for name in (leaf_dir.LEAF, leaf_dir.LEAF_NAMES):
        if (folder / "leaf" / name).exists():
            assert leaf.foreign((folder / "leaf" / name).read_bytes()) is None
