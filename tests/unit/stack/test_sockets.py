"""Sockets lie where their paths are short and plain, and are found again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.base import StackError
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


def folder_of_another_user(path: Path) -> None:
    path.mkdir(mode=0o700)
    os.chown(path, 12345, 12345)


def open_folder(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def link_to_own_folder(path: Path) -> None:
    path.with_name("own").mkdir(mode=0o700)
    path.symlink_to(path.with_name("own"))


@pytest.mark.parametrize(
    "squat",
    [
        pytest.param(
            folder_of_another_user,
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away"),
        ),
        open_folder,
        link_to_nothing,
        link_to_own_folder,
        Path.touch,
    ],
)
def test_name_that_another_user_took_first_is_passed_over(
    squat: Callable[[Path], None], tmp_path: Path, elsewhere: Path
) -> None:
    short, long = elsewhere / "run", tmp_path / ("x" * 100)
    for state in (short, long):
        state.mkdir()
        squat(sockets.existing(state))
        shutil.rmtree(elsewhere / "own", ignore_errors=True)
    made = sockets.folder(short, {})
    assert made.parent == short
    assert (made.stat().st_mode & 0o777, made.stat().st_uid) == (0o700, os.geteuid())
    with pytest.raises(StackError, match=f"{elsewhere}.* is not .*yours alone.*TMPDIR="):
        sockets.folder(long, {})


def test_link_in_the_place_of_a_folder_that_was_cleaned_up_is_not_followed(
    elsewhere: Path,
) -> None:
    """make down removes the folder: it may not be another one of the user's."""
    state = elsewhere / "run"
    state.mkdir()
    made = sockets.folder(state, {})
    shutil.rmtree(made)
    link_to_own_folder(made)
    assert sockets.folder(state, {}).parent == state
    sockets.remove(state)
    assert (elsewhere / "own").is_dir()


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_folder_is_closed_to_others_whatever_the_umask(
    mask: int, state: Path, elsewhere: Path
) -> None:
    before = os.umask(mask)
    try:
        made = sockets.folder(state, {})
    finally:
        os.umask(before)
    assert made.parent == elsewhere
    assert made.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["do$lar", 'a"b', "back\\slash", "a;b", "a b"])
def test_nginx_reads_no_path_of_the_checkout(name: str, tmp_path: Path) -> None:
    settings = read({"HOME": str(tmp_path), "LEAF_DIR": str(tmp_path / name)})
    values = render.variables(settings, Path("/run/sockets"), http2=True)
    assert [text for text in values.values() if name in text] == []
