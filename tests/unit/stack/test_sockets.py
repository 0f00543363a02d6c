"""Sockets lie where their paths are short and plain, and are found again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.local import render, sockets
from stack.settings import read


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The last resort of all users, /tmp, is another folder here."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(sockets, "_LAST", str(folder))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    yield folder
    shutil.rmtree(folder)


def set_temporary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.mark.parametrize("name", ["x" * 100, "do$lar", 'a"b', "back\\slash", "a space"])
def test_temporary_folder_that_nginx_cannot_use_is_passed_over(
    name: str, tmp_path: Path, state: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_temporary(tmp_path / name, monkeypatch)
    assert sockets.folder(state, {}).parent == elsewhere


def test_runtime_folder_of_the_session_is_passed_over_too(
    tmp_path: Path, state: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    set_temporary(elsewhere / "t", monkeypatch)
    assert sockets.folder(state, {}).parent == elsewhere / "t"


def test_folder_that_an_earlier_run_made_too_long_does_not_stick(
    tmp_path: Path, state: Path, elsewhere: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    (state / "runtime").symlink_to(long)
    assert sockets.folder(state, {}).parent == elsewhere


def test_running_stack_is_found_from_a_shell_with_another_temporary_folder(
    state: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sockets.folder(state, {})
    set_temporary(elsewhere / "another", monkeypatch)
    assert sockets.existing(state) == made
    (state / "runtime").unlink()  # .run was deleted
    assert sockets.existing(state) == made


@pytest.mark.parametrize("name", ["do$lar", 'a"b', "back\\slash", "a;b", "a b"])
def test_nginx_reads_no_path_of_the_checkout(name: str, tmp_path: Path) -> None:
    settings = read({"HOME": str(tmp_path), "LEAF_DIR": str(tmp_path / name)})
    values = render.variables(settings, Path("/run/sockets"), http2=True)
    assert [text for text in values.values() if name in text] == []
