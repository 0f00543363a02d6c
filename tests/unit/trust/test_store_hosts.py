"""Lines in /etc/hosts: written and taken back by a real sh, in a file of the test's own."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import hosts_files
from tests.support.hosts_files import API, RUNNER, THEIRS, WEB, lost, store
from trust.commands import Command
from trust.resolver import Name
from trust.root import Root
from trust.stores import find, hosts_file
from trust.stores.base import ABSENT, TRUSTED
from trust.stores.change import Outcome, install, remove
from trust.stores.ledger import Ledger

roots, root, file = hosts_files.roots, hosts_files.root, hosts_files.file


def run(commands: Sequence[Command]) -> None:
    assert all(command.root for command in commands)
    for command in commands:
        RUNNER.run(command)


def added(file: Path) -> list[str]:
    return file.read_text().removeprefix(THEIRS).splitlines()


def test_names_are_written_and_taken_back_to_the_byte(file: Path, root: Root) -> None:
    file.chmod(0o640)
    hosts = store(file, lost(API, WEB))
    assert hosts.state(root, RUNNER) == ABSENT
    run(hosts.install_plan(root))
    mark = root.sha256[:8]
    assert added(file) == [f"127.0.0.1 {name} # wss-stack {mark}" for name in (API, WEB)]
    assert hosts.state(root, RUNNER) == TRUSTED
    run(hosts.removal_plan(root))
    assert (file.read_text(), file.stat().st_mode & 0o777) == (THEIRS, 0o640)
    assert (hosts.state(root, RUNNER), hosts.removal_plan(root)) == (ABSENT, ())
    assert list(file.parent.iterdir()) == [file]


def test_last_line_without_an_end_stays_whole(file: Path, root: Root) -> None:
    file.write_text("10.0.0.5 intranet.corp")
    hosts = store(file, lost(API))
    run(hosts.install_plan(root))
    assert file.read_text().splitlines()[0] == "10.0.0.5 intranet.corp"
    assert hosts.state(root, RUNNER) == TRUSTED


def test_lines_of_another_authority_are_kept(file: Path, roots: Sequence[Root]) -> None:
    ours, other = roots
    run(store(file, lost(API)).install_plan(other))
    before = file.read_text()
    # It leads here by their line, which may go any time.
    hosts = store(file, [Name(API, "127.0.0.1", ("127.0.0.1",), leads_here=True)])
    assert hosts.state(ours, RUNNER) == ABSENT
    run(hosts.install_plan(ours))
    assert hosts.state(ours, RUNNER) == TRUSTED
    run(hosts.removal_plan(ours))
    assert file.read_text() == before


def test_lines_of_another_checkout_are_kept(file: Path, root: Root) -> None:
    run(store(file, lost(API)).install_plan(root))
    run(store(file, lost(WEB)).install_plan(root))
    assert [line.split()[1] for line in added(file)] == [API, WEB]


def test_line_follows_another_address_of_the_stack(file: Path, root: Root) -> None:
    run(store(file, lost(API, WEB)).install_plan(root))
    hosts = store(file, lost(API, address="192.168.1.20", found=("127.0.0.1",)))
    assert hosts.state(root, RUNNER) == ABSENT
    run(hosts.install_plan(root))
    assert [line.split()[:2] for line in added(file)] == [
        ["192.168.1.20", API],
        ["127.0.0.1", WEB],
    ]
    assert hosts.state(root, RUNNER) == TRUSTED


def test_names_that_lead_here_need_no_line(file: Path) -> None:
    here = Name("api.localhost", "127.0.0.1", ("127.0.0.1",), leads_here=True)
    assert hosts_file.find([here], file.parent.parent) == ()
    assert hosts_file.find([], file.parent.parent) == ()


def test_link_stays_a_link(file: Path, root: Root) -> None:
    real = file.rename(file.with_name("hosts.real"))
    file.symlink_to(real)
    hosts = store(file, lost(API))
    run(hosts.install_plan(root))
    run(hosts.removal_plan(root))
    assert file.is_symlink()
    assert real.read_text() == THEIRS


_UNSHARE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "-r", "--mount")


@pytest.fixture
def possible() -> None:
    probe = [*_UNSHARE, "true"]
    if not shutil.which("unshare") or subprocess.run(probe, check=False).returncode != 0:
        pytest.skip("no mount namespace without root here: run this as root")


@pytest.mark.parametrize("folder", ["rw", "ro"])
def test_file_that_is_a_mount_is_written_in_place(
    folder: str, file: Path, root: Root, possible: None
) -> None:
    """As in a container; ro: one with a root file system that is read-only."""
    hosts = store(file, lost(API))
    run(hosts.install_plan(root))
    copy = file.parent.parent / "copy"
    shutil.copy(file, copy)
    (command,) = hosts.removal_plan(root)
    etc = file.parent
    script = (
        f"mount --bind {etc} {etc} && mount -o remount,bind,{folder} {etc} && "
        f'mount --bind {copy} {file} && "$@" && cat {file}'
    )
    argv = [*_UNSHARE, "sh", "-c", script, "sh", *command.argv]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout == THEIRS == copy.read_text()
    assert API in file.read_text()  # under the mount: no rename has replaced it
    assert list(etc.iterdir()) == [file]


def test_line_goes_through_the_ledger_and_back(
    file: Path, roots: Sequence[Root], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home := file.parent.parent / "ca").mkdir()
    book = Ledger(home)
    ours, newer = roots
    hosts = store(file, lost(API))
    rows = [
        row.outcome
        for dry_run in (True, False, False)
        for row in install([hosts], ours, RUNNER, book, dry_run=dry_run)
    ]
    assert rows == [Outcome.PLANNED, Outcome.TRUSTED, Outcome.ALREADY]
    # A wider authority takes the old one's place.
    (row,) = install([hosts], newer, RUNNER, book, dry_run=False)
    assert row.outcome is Outcome.TRUSTED
    (row,) = remove([hosts], [ours], RUNNER, book, dry_run=False)
    assert row.outcome is Outcome.REMOVED
    assert [line.split("# ")[1] for line in added(file)] == [f"wss-stack {newer.sha256[:8]}"]
    # HOSTS is unset by now: the store is known by its entry alone.
    at = functools.partial(find.at, fs=file.parent.parent)
    monkeypatch.setattr(find, "at", at)
    (row,) = remove([], book.roots(home), RUNNER, book, dry_run=False)
    assert (row.outcome, list(book)) == (Outcome.REMOVED, [])
    assert file.read_text() == THEIRS
