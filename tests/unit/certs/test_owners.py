"""What another user left in the way is said with the command that gives it back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import psutil
import pytest

from certs import output, owners
from stack.base import StackError
from stack.local import processes

OTHER = 12345


def denied(path: Path) -> PermissionError:
    return PermissionError(errno.EACCES, "Permission denied", str(path))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whatever is called .run here is another user's, and what is in it."""
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        status = real(path)
        if ".run" not in path.parts:
            return status
        return os.stat_result((*status[:4], OTHER, *status[5:]))

    monkeypatch.setattr(Path, "lstat", lstat)
    (tmp_path / "it's mine" / ".run" / "logs").mkdir(parents=True)
    return tmp_path / "it's mine"


@pytest.mark.parametrize("name", [".run", ".run/logs", ".run/logs/nginx.log"])
def test_folder_of_another_user_is_given_back_as_a_whole(name: str, folder: Path) -> None:
    (folder / ".run" / "logs" / "nginx.log").touch()
    said = owners.explain(denied(folder / name))
    assert f"belongs to user {OTHER}" in said
    assert said.endswith(
        f"""sudo chown -R "$(id -u):$(id -g)" '{folder.parent}/it'"'"'s mine/.run'"""
    )


def test_file_that_is_nobody_elses_is_no_reason_for_a_chown(folder: Path) -> None:
    assert "chown" not in owners.explain(denied(folder))


def test_command_ends_with_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        raise denied(folder / ".run" / "pids")

    assert output.exit_status("wss-stack", command) == 1
    assert "sudo chown -R" in capsys.readouterr().err


def test_process_of_another_user_is_named_with_what_stops_it() -> None:
    class Theirs(psutil.Process):
        def send_signal(self, sig: int) -> None:
            raise psutil.AccessDenied(self.pid)

    mine = Theirs()
    owner = owners.name(os.getuid())
    with pytest.raises(
        StackError, match=f"^process {mine.pid} .* belongs to {owner}, .* sudo make"
    ):
        processes.stop([mine], patience=0)
