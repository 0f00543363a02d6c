"""The system's store: the layouts it has, made up in a folder, and the machine's own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import parse_permit
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores import system
from trust.stores.base import Store

DEBIAN, FEDORA, ARCH, SUSE, ALPINE = "debian", "fedora", "arch", "opensuse-tumbleweed", "alpine"
ANCHORS = {
    DEBIAN: "usr/local/share/ca-certificates",
    ALPINE: "usr/local/share/ca-certificates",
    FEDORA: "etc/pki/ca-trust/source/anchors",
    ARCH: "etc/ca-certificates/trust-source/anchors",
    SUSE: "etc/pki/trust/anchors",
}
BUNDLES = {
    DEBIAN: "etc/ssl/certs/ca-certificates.crt",
    ALPINE: "etc/ssl/certs/ca-certificates.crt",
    FEDORA: "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ARCH: "etc/ca-certificates/extracted/tls-ca-bundle.pem",
    SUSE: "var/lib/ca-certificates/ca-bundle.pem",
}
TOOLS = {
    DEBIAN: "usr/sbin/update-ca-certificates",
    ALPINE: "usr/sbin/update-ca-certificates",
    FEDORA: "usr/bin/update-ca-trust",
    ARCH: "usr/bin/trust",
    SUSE: "usr/sbin/update-ca-certificates",
}
UPDATES = {ARCH: " extract-compat"}
FRESH = {**UPDATES, DEBIAN: " --fresh", ALPINE: " --fresh"}
RUNNER = Runner({"PATH": f"/usr/sbin:/sbin:{os.defpath}"}, interactive=False)
HERE = Path("/etc/ssl/certs")


@pytest.fixture(scope="module", autouse=True)
def this_machine_is_left_alone() -> Generator[None]:
    """Byte for byte: its bundle, its anchors, and the links between them."""
    before = _state()
    yield
    assert _state() == before


def _state() -> dict[str, str]:
    found = {}
    for folder in (HERE, Path("/", ANCHORS[DEBIAN])):
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = str(path.readlink())
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return _root(tmp_path_factory.mktemp("root") / "root.pem")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return _root(tmp_path_factory.mktemp("other") / "root.pem")


def _root(path: Path) -> Root:
    path.write_bytes(authority.mint(parse_permit(""), "ada@engine").root_pem())
    return Root.read(path)


class Layout:
    """A layout in a folder that stands for /."""

    def __init__(self, fs: Path) -> None:
        self.fs = fs

    def distribution(self, name: str, tool: bool = True, anchors: bool = True) -> Store:
        (self.fs / "etc").mkdir(exist_ok=True)
        (self.fs / "etc/os-release").write_text(f'NAME="Any name"\nID="{name}"\n')
        if anchors:
            (self.fs / ANCHORS[name]).mkdir(parents=True)
        if tool:
            program = self.fs / TOOLS[name]
            program.parent.mkdir(parents=True, exist_ok=True)
            program.touch(0o755)
        self.name = name
        (store,) = self.find()
        return store

    def find(self) -> Sequence[Store]:
        return system.find({}, RUNNER, self.fs)

    def bundle(self, *roots: Root) -> None:
        path = self.fs / BUNDLES[self.name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# as p11-kit writes it\n" + "\n".join(root.pem for root in roots))

    def put(self, folder: str, file: str, *roots: Root) -> Path:
        path = self.fs / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(root.pem for root in roots))
        return path

    def argvs(self, commands: Sequence[Command]) -> list[str]:
        assert all(command.root for command in commands)
        return [" ".join(command.argv).replace(f"{self.fs}/", "/") for command in commands]


@pytest.fixture
def machine(tmp_path: Path) -> Layout:
    return Layout(tmp_path)
