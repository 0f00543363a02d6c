from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certs import files
from certs.files import Owner
from tests.support import programs
from tests.support.certificates import assert_no_leftovers, environment

Write = Callable[[Path, bytes, int], object]
WRITES = pytest.mark.parametrize("write", [files.write, files.create], ids=["write", "create"])
SOMEBODY = Owner(65534, 65533)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owner(path: Path) -> Owner:
    return Owner(path.stat().st_uid, path.stat().st_gid)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=lambda mask: f"umask {mask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
@WRITES
@pytest.mark.parametrize("wanted", [files.SECRET, files.PUBLIC], ids=["secret", "public"])
def test_a_file_has_its_mode_whatever_the_umask(write: Write, wanted: int, tmp_path: Path) -> None:
    write(tmp_path / "file", b"content", wanted)
    assert mode(tmp_path / "file") == wanted
    assert (tmp_path / "file").read_bytes() == b"content"
    assert_no_leftovers(tmp_path)


@pytest.mark.usefixtures("umask")
@WRITES
def test_unfinished_file_is_never_readable_for_others(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    fchmod = os.fchmod

    def look(descriptor: int, wanted: int) -> None:
        seen.extend(mode(path) for path in tmp_path.iterdir())
        fchmod(descriptor, wanted)

    monkeypatch.setattr(os, "fchmod", look)
    write(tmp_path / "file", b"content", files.PUBLIC)
    assert seen == [0o600]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("wanted", [0o700, 0o755])
def test_a_folder_has_its_mode_whatever_the_umask(wanted: int, tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    files.make_folder(tmp_path / "a" / "b", wanted)
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (wanted, wanted)
    files.make_folder(tmp_path / "a" / "b", 0o711)
    assert mode(tmp_path / "a" / "b") == wanted, "what is there keeps its mode"
    assert mode(tmp_path) == 0o750, "what is there keeps its mode"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_new_files_and_folders_are_given_to_their_owner(tmp_path: Path) -> None:
    before = owner(tmp_path)
    files.make_folder(tmp_path / "a" / "b", 0o700, SOMEBODY)
    files.write(tmp_path / "a" / "written", b"", files.SECRET, SOMEBODY)
    assert files.create(tmp_path / "a" / "created", b"", files.SECRET, SOMEBODY)
    for path in [tmp_path / "a", *(tmp_path / "a").iterdir()]:
        assert owner(path) == SOMEBODY, path
    assert owner(tmp_path) == before


def test_create_never_replaces(tmp_path: Path) -> None:
    assert files.create(tmp_path / "file", b"first", files.SECRET)
    assert not files.create(tmp_path / "file", b"second", files.SECRET)
    assert (tmp_path / "file").read_bytes() == b"first"
    assert_no_leftovers(tmp_path)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    assert not files.create(tmp_path / "file", b"secret", files.SECRET)
    files.write(tmp_path / "file", b"secret", files.SECRET)
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
    assert not (tmp_path / "file").is_symlink()


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = {bytes([letter]) * 200_000 for letter in b"abc"}
    files.write(path, min(contents), files.SECRET)
    done = threading.Event()
    seen: list[bytes] = []

    def read() -> None:
        while not done.is_set():
            seen.append(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        for content in contents:
            files.write(path, content, files.SECRET)
    done.set()
    reader.join()
    assert set(seen) <= contents
    assert len(set(seen)) > 1, "it was hardly looked at"


def test_file_that_is_set_aside_is_kept(tmp_path: Path) -> None:
    kept = []
    for content in (b"one", b"two"):
        (tmp_path / "file").write_bytes(content)
        kept.append(files.set_aside(tmp_path / "file", "damaged"))
    assert not (tmp_path / "file").exists()
    assert [path.read_bytes() for path in kept] == [b"one", b"two"]
    assert all(path.name.startswith("file.damaged-") for path in kept)


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


STEPS: list[tuple[Write, str]] = [
    (files.write, "fchmod"),
    (files.write, "fsync"),
    (files.write, "replace"),
    (files.create, "fsync"),
    (files.create, "link"),
]


@pytest.mark.parametrize(("write", "step"), STEPS)
def test_a_failed_write_leaves_nothing(
    write: Write, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "file", b"content", files.SECRET)
    assert list(tmp_path.iterdir()) == []


def interrupt_after(function: Callable[..., object]) -> Callable[..., None]:
    def run(*arguments: object) -> None:
        function(*arguments)
        raise KeyboardInterrupt

    return run


@pytest.mark.parametrize(("write", "step"), STEPS)
def test_an_interrupt_stays_an_interrupt(
    write: Write, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, step, interrupt_after(getattr(os, step)))
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "file", b"content", files.SECRET)
    assert_no_leftovers(tmp_path)


def test_a_killed_write_leaves_the_old_file_and_is_swept_up(tmp_path: Path) -> None:
    files.write(tmp_path / "file", b"old", files.SECRET)
    (tmp_path / ".hidden").touch()
    killed = subprocess.run(
        programs.command("killed_write", tmp_path), env=environment(tmp_path), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "file").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 3, "the test left nothing to sweep up"
    with files.locked_writes(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {"file", ".hidden"}


def test_leftover_of_a_killed_write_alone_is_swept_up(tmp_path: Path) -> None:
    (tmp_path / ".notes.tmp").write_text("somebody's")
    (tmp_path / "notes.tmp").write_text("somebody's")
    with files.locked_writes(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {".notes.tmp", "notes.tmp"}


def test_one_process_at_a_time_is_in_the_lock(tmp_path: Path) -> None:
    command, env = programs.command("locked_in_turn", tmp_path), environment(tmp_path)
    several = [subprocess.Popen(command, env=env, stdin=subprocess.PIPE) for _ in range(4)]
    for process in several:
        assert process.stdin
        process.stdin.close()
    assert [process.wait(20) for process in several] == [0, 0, 0, 0]


def test_process_that_has_to_wait_is_told_and_then_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    with contextlib.ExitStack() as another:

        def waiting() -> None:
            told.append("waiting")
            another.close()

        assert another.enter_context(files.lock(tmp_path, waiting))
        assert told == []
        with files.lock(tmp_path, waiting) as alone:
            assert alone
    assert told == ["waiting"]


def test_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuses)
    with files.lock(tmp_path) as alone:
        assert not alone
