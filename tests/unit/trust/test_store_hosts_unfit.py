"""A hosts file in which a line would not last or count: said with what helps, not written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import hosts_files
from tests.support.hosts_files import API, RUNNER, WEB, lost, store
from trust.root import Root
from trust.stores import hosts_file
from trust.stores.change import Outcome, install
from trust.stores.ledger import Ledger

roots, root, file = hosts_files.roots, hosts_files.root, hosts_files.file


def wsl(fs: Path, conf: str = "") -> None:
    (fs / "proc/sys/kernel").mkdir(parents=True)
    (fs / "proc/sys/kernel/osrelease").write_text("5.15-microsoft-standard-WSL2\n")
    (fs / "etc/wsl.conf").write_text(conf)


def nixos(fs: Path) -> None:
    (fs / "etc/os-release").write_text("ID=nixos\n")


def other_line(fs: Path) -> None:
    with (fs / "etc/hosts").open("a") as file:
        file.write("10.0.0.9 web API.test\n")


IN_THE_WAY: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "WSL": (wsl, "at each start, from Windows' own file", "hosts, as administrator: 127.0.0.1 api"),
    "NixOS": (nixos, "its configuration", 'networking.hosts."127.0.0.1" = [ "api.test" ];'),
    "another line": (other_line, "another line for api.test, which leads to 10.0.0.9", "vi "),
}


@pytest.mark.parametrize("case", IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_file_that_would_not_keep_or_count_a_line_is_not_written(
    case: tuple[Callable[[Path], None], str, str], file: Path, root: Root
) -> None:
    happens, why, fix = case
    happens(file.parent.parent)
    before = file.read_text()
    (tmp := file.parent.parent / "ca").mkdir()
    book = Ledger(tmp)
    (row,) = install([store(file, lost(API))], root, RUNNER, book, dry_run=False)
    assert row.outcome is Outcome.NOT_DONE
    assert why in row.why
    assert fix in row.fix
    assert (file.read_text(), list(book)) == (before, [])


def test_read_only_file_is_said_with_how_containers_take_names(
    file: Path, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts_file, "read_only", lambda _: True)
    state = store(file, lost(API, WEB)).state(root, RUNNER)
    assert state.why == "/etc/hosts is on a read-only file system"
    assert state.fix.endswith(
        "docker run --add-host api.test:127.0.0.1 --add-host web.internal:127.0.0.1"
    )


@pytest.mark.parametrize(
    ("conf", "writes"),
    [
        ("[network]\ngenerateHosts = false\n", False),
        ("[boot]\nsystemd=true\n[network]\ngeneratehosts=False\n", False),
        ("[network]\ngenerateHosts = true\n", True),
        ("[network]\ngenerateHosts\n", True),
        ("no section\n", True),
    ],
)
def test_wsl_that_keeps_the_file_gets_the_line(
    conf: str, writes: bool, file: Path, root: Root
) -> None:
    wsl(file.parent.parent, conf)
    assert bool(store(file, lost(API)).state(root, RUNNER).why) is writes
