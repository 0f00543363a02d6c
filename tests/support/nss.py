"""NSS databases, in a home of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import parse_permit
from trust.commands import Runner
from trust.root import Root
from trust.stores import chromium, firefox
from trust.stores.base import State, Store
from trust.stores.nss import NssStore

XDG = ".local/share/pki/nssdb"
OLD = ".pki/nssdb"
SNAP = "snap/chromium/current/.pki/nssdb"
PROFILE = ".mozilla/firefox/ab12cd34.default-release"


class Home:
    """A home folder, and the machine around it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.fs, self.bin = folder / "home", folder / "fs", folder / "bin"
        self.env = {"HOME": str(self.path), "PATH": str(self.bin)}
        for made in (self.path, self.fs / "etc", self.bin):
            made.mkdir(parents=True)
        self.distribution("ID=debian\n")

    def distribution(self, os_release: str) -> None:
        (self.fs / "etc/os-release").write_text(os_release)

    def program(self, name: str) -> None:
        (self.bin / name).write_text("#!/bin/sh\nexit 1\n")
        (self.bin / name).chmod(0o755)

    @property
    def runner(self) -> Runner:
        return Runner(self.env, interactive=False)

    def chromium(self) -> Sequence[Store]:
        return chromium.find(self.env, self.runner, self.fs)

    def firefox(self) -> Sequence[Store]:
        return firefox.find(self.env, self.runner, self.fs)

    def places(self, stores: Sequence[Store]) -> list[str]:
        return [str(Path(store.place).relative_to(self.path)) for store in stores]

    def store(self, place: str = PROFILE) -> NssStore:
        return NssStore(str(self.path / place), "a store", self.fs, self.runner)

    def database(self, password: Path | None = None) -> NssStore:
        """Made by certutil, a Firefox profile's."""
        (self.path / PROFILE).mkdir(parents=True)
        way = ("-f", str(password)) if password else ("--empty-password",)
        self.certutil("-N", "-d", f"sql:{self.path / PROFILE}", *way)
        return self.store()

    def certutil(self, *argv: str) -> str:
        done = subprocess.run(
            ["certutil", *argv], check=True, capture_output=True, text=True, timeout=20
        )
        return done.stdout

    def content(self, store: NssStore) -> list[tuple[str, str]]:
        """Nickname and flags of all that is in it."""
        _, _, listed = self.certutil("-L", "-d", f"sql:{store.place}").partition("JAR/XPI\n")
        lines = (line.rstrip().rpartition(" ") for line in listed.splitlines() if line)
        return sorted((nickname.rstrip(), flags) for nickname, _, flags in lines)

    def put(self, store: NssStore, root: Root, nickname: str, flags: str = "C,,") -> None:
        file = ("-i", str(root.path))
        self.certutil("-A", "-d", f"sql:{store.place}", "-n", nickname, "-t", flags, *file)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def real(home: Home) -> Home:
    """With the certutil of this machine."""
    program = shutil.which("certutil")
    if not program:
        pytest.skip("certutil is not installed: apt-get install libnss3-tools")
    home.env["PATH"] = os.pathsep.join([str(home.bin), str(Path(program).parent), os.defpath])
    return home


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return ours(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return ours(tmp_path_factory.mktemp("other"))


def ours(folder: Path) -> Root:
    path = folder / "root.pem"
    path.write_bytes(authority.mint(parse_permit(""), "ada@engine").root_pem())
    return Root.read(path)


def argvs(home: Home, commands: Sequence[object]) -> list[str]:
    return [str(command).replace(str(home.path), "~") for command in commands]


def trust(store: NssStore, root: Root) -> State:
    for command in store.install_plan(root):
        store.runner.run(command)
    return store.state(root, store.runner)


def forget(store: NssStore, root: Root) -> State:
    for command in store.removal_plan(root):
        store.runner.run(command)
    return store.state(root, store.runner)
