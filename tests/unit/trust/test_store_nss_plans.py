"""The NSS stores of Chromium and Firefox: plans, and what is in their way."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support import nss, programs
from tests.support.nss import OLD, PROFILE, XDG, Home, argvs, forget, trust
from trust import distro
from trust.commands import CommandError
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence
from trust.stores.nss import NssStore

pytestmark = pytest.mark.programs

NO_PASSWORD = ("-f", "/dev/null")
home, real, root = nss.home, nss.real, nss.root


# The plans


def test_the_plan_makes_the_database_where_none_is(home: Home, root: Root) -> None:
    store = home.store(XDG)
    name = f"'{root.name}'"
    assert argvs(home, store.install_plan(root)) == [
        "mkdir -p -m 0700 ~/.local/share/pki/nssdb",
        "certutil -N -d sql:~/.local/share/pki/nssdb --empty-password -f /dev/null",
        f"certutil -A -d sql:~/.local/share/pki/nssdb -t C,, -n {name} -i {root.path} -f /dev/null",
    ]
    assert store.removal_plan(root) == ()


def test_the_plan_for_a_folder_without_a_database(home: Home, root: Root) -> None:
    (home.path / OLD).mkdir(parents=True)
    assert [command.argv[1] for command in home.store(OLD).install_plan(root)] == ["-N", "-A"]


def test_the_plan_for_a_database_adds_and_nothing_else(home: Home, root: Root) -> None:
    (home.path / PROFILE).mkdir(parents=True)
    (home.path / PROFILE / "cert9.db").touch()
    assert [command.argv[1] for command in home.store().install_plan(root)] == ["-A"]


def test_no_plan_waits_for_a_terminal_or_for_ever(home: Home, root: Root) -> None:
    for command in home.store(XDG).install_plan(root)[1:]:
        assert command.argv[-2:] == NO_PASSWORD
        assert command.timeout <= 20
        assert not command.root


# What is in the way


@pytest.mark.parametrize(
    ("os_release", "package", "fix"),
    [
        ("ID=debian\n", "libnss3-tools", "apt-get install libnss3-tools"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", "libnss3-tools", "apt-get install"),
        ("ID=fedora\n", "nss-tools", "dnf install nss-tools"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "nss-tools", "dnf install nss-tools"),
        ("ID=alpine\n", "nss-tools", "apk add nss-tools"),
        ("ID=arch\n", "nss", "pacman -S nss"),
        ('ID="opensuse-leap"\n', "mozilla-nss-tools", "zypper install mozilla-nss-tools"),
        ("ID=nixos\n", "", ""),
    ],
)
def test_a_missing_certutil_is_named_with_its_package(
    home: Home, root: Root, os_release: str, package: str, fix: str
) -> None:
    home.distribution(os_release)
    state = home.store().state(root, home.runner)
    assert state.presence is Presence.UNAVAILABLE
    assert state.why.startswith("certutil is not installed")
    assert package in state.why
    assert fix in state.fix
    assert distro.package("certutil", home.fs) == package


def test_a_file_in_place_of_the_folder(real: Home, root: Root) -> None:
    real.program("chromium")
    path = real.path / XDG
    path.parent.mkdir(parents=True)
    path.write_text("not a folder")
    (store,) = real.chromium()
    state = store.state(root, real.runner)
    assert state.presence is Presence.UNAVAILABLE
    assert state.why == f"{path} is not a folder"
    assert state.fix == f"mv {path} {path}.old"


def test_a_folder_that_cannot_be_made(real: Home, root: Root) -> None:
    (real.path / ".local").write_text("not a folder")
    store = real.store(XDG)
    assert store.state(root, real.runner) == ABSENT
    with pytest.raises(CommandError, match=r"mkdir .*Not a directory"):
        trust(store, root)


def _scrambled(database: Path) -> None:
    database.write_bytes(os.urandom(4096))


def _of_another_program(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE cookies (name)")
        connection.commit()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_scrambled, "is damaged: it is not a database"),
        (_of_another_program, "cannot be opened: locked by another program, or damaged"),
    ],
)
def test_a_database_that_is_none(
    real: Home, root: Root, spoil: Callable[[Path], None], said: str
) -> None:
    store = real.database()
    database = Path(store.place, "cert9.db")
    spoil(database)
    before = database.read_bytes()
    state = store.state(root, real.runner)
    assert state.presence is Presence.UNAVAILABLE
    assert said in state.why
    assert database.read_bytes() == before


@pytest.mark.parametrize("name", ["cert9.db", "key4.db"])
def test_an_empty_file_of_a_killed_program_is_made_again(real: Home, root: Root, name: str) -> None:
    """docs/robustness.md, Writes; a journal that is left: test_write_points.py."""
    store = real.database()
    Path(store.place, name).write_bytes(b"")
    assert store.state(root, real.runner) == ABSENT
    assert [command.argv[1] for command in store.removal_plan(root)] == ["-D", "-L", "-L"]
    assert forget(store, root) == ABSENT
    assert trust(store, root) == TRUSTED
    assert forget(store, root) == ABSENT


@contextmanager
def locked(store: NssStore) -> Iterator[subprocess.Popen[str]]:
    """By another process: this one would lose it by closing the file anywhere."""
    argv = programs.command("locked_database", Path(store.place, "cert9.db"))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        yield holder
        holder.communicate()
    assert holder.returncode == 0


def test_a_locked_database_is_said_and_not_waited_for(real: Home, root: Root) -> None:
    store = real.database()
    with locked(store) as holder:
        state = store.state(root, real.runner)
        assert state.presence is Presence.UNAVAILABLE
        assert "locked by another program" in state.why
        # What is told to be typed shows who has it, where it is installed.
        assert state.fix.endswith(f" {store.place}/cert9.db")
        shown = subprocess.run(["sh", "-c", state.fix], capture_output=True, text=True)
        missing = shown.returncode == 127
        assert missing or re.search(rf"\b{holder.pid}\b", f"{shown.stdout}\n{shown.stderr}")
        with pytest.raises(CommandError, match=r"certutil -A .* failed"):
            trust(store, root)
    assert trust(store, root) == TRUSTED


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("a primary password")
    return path


def test_a_primary_password_is_said_and_not_asked_for(real: Home, root: Root, secret: Path) -> None:
    store = real.database(secret)
    state = store.state(root, real.runner)
    assert state.presence is Presence.ABSENT
    assert state.why.startswith("it has a primary password")
    with pytest.raises(CommandError, match="SEC_ERROR_BAD_PASSWORD"):
        trust(store, root)
    assert real.content(store) == []
    # What the user is told to type, with the password that it asks for.
    subprocess.run([*shlex.split(state.fix), "-f", str(secret)], check=True, timeout=20)
    assert store.state(root, real.runner) == TRUSTED
    # It is not needed to take the root out, and then nothing claims that it is there.
    assert forget(store, root).presence is Presence.ABSENT


def test_no_terminal_is_asked_for_a_password(real: Home, root: Root, secret: Path) -> None:
    """certutil opens /dev/tty by itself, past a closed standard input."""
    if not shutil.which("script"):
        pytest.skip("script is not installed: apt-get install bsdutils")
    store = real.database(secret)
    for command in store.install_plan(root):
        argv = ["script", "--quiet", "--return", "--command", str(command), "/dev/null"]
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 255
        assert "SEC_ERROR_" in done.stdout
