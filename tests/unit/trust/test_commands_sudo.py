"""sudo: it asks once, before anything is shown, and what it runs comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support import programs, sudo
from tests.support.sudo import Sudo
from tests.support.terminals import at_terminal
from tests.support.waiting import until
from trust import commands
from trust.commands import Command, CommandError, Runner, for_root

user = sudo.user
# Says who it is, and hears no polite word.
HANGING = ("sh", "-c", "echo $$ > pid; trap '' TERM; while :; do tail -f /dev/null; done")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_GRACE", 0.3)
    return tmp_path


def forbidden(_: subprocess.Popen[bytes]) -> None:
    """As it is with sudo: what is root's is not ours to kill."""
    raise PermissionError(1, "Operation not permitted")


def hanging(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "pid").read_text()))


def run_late(folder: Path, argv: Sequence[str], seconds: float) -> str:
    """What is said of a command for root that does not end."""
    sudo = Sudo(folder, allowed=True, interactive=False)
    with pytest.raises(CommandError) as caught:
        sudo.runner.run(Command(tuple(argv), root=True, timeout=seconds))
    return str(caught.value)


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    "argv",
    [("tail", "-f", "/dev/null"), HANGING],
    ids=["it ends when asked", "it has to be killed"],
)
def test_command_that_hangs_under_sudo_is_ended_by_roots_own_timeout(
    here: Path, argv: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess.Popen, "kill", forbidden)
    said = run_late(here, argv, 1)
    assert said == f"`{Command(tuple(argv), root=True)}` did not end within 1 seconds"
    if argv is HANGING:
        with suppress(psutil.NoSuchProcess):
            process = hanging(here)
            until(lambda: not process.is_running(), "it to be gone")


@pytest.mark.usefixtures("user")
def test_runner_does_not_wait_for_what_it_cannot_kill(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(commands, "_TIMEOUT", None)
        patch.setattr(subprocess.Popen, "kill", forbidden)
        assert "did not end within 0 seconds" in run_late(here, HANGING, 0.3)
    process = hanging(here)
    assert process.is_running(), "it is what has been waited for"
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: not process.is_running(), "it to be reaped")


@pytest.mark.usefixtures("user")
def test_an_interrupt_is_no_failure_of_the_command(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sudo = Sudo(here, allowed=True, interactive=False)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sudo.runner, "_allowed", lambda: True)  # it is asked by such a process too
    monkeypatch.setattr(subprocess.Popen, "kill", forbidden)
    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sudo.runner.run(Command(("true",), root=True))


@pytest.mark.usefixtures("user")
def test_a_failure_in_time_is_told_as_such(here: Path) -> None:
    assert run_late(here, ("sh", "-c", "echo no; exit 124"), 60).endswith("(exit 124): no")


REFUSED = ["allowed: False", "needs root: sudo echo one", "needs root: sudo echo two"]
TYPED = {
    "the password": ("right\n", ["allowed: True", "ran: one", "ran: two"]),
    "another word": ("wrong\n", REFUSED),
    "Ctrl-C": ("\x03", REFUSED),
    "Ctrl-D": ("\x04", REFUSED),
}


@pytest.mark.parametrize(("typed", "seen"), TYPED.values(), ids=TYPED)
def test_the_password_is_asked_for_once_and_the_run_goes_on(
    tmp_path: Path, typed: str, seen: list[str]
) -> None:
    programs.install("asking_sudo.sh", tmp_path / "sudo")
    path = f"{tmp_path}:{os.environ['PATH']}"
    raw = at_terminal(
        programs.command("authenticate"), tmp_path, 80, [("password: ", typed)], PATH=path
    )
    assert re.findall(r"(?:allowed|ran|needs root): [\w ]+", raw) == seen
    asked = (tmp_path / "log").read_text().splitlines()
    assert asked.count("-v") == 1
    assert all(call.startswith("-n ") for call in asked if call != "-v")


@pytest.mark.usefixtures("user")
def test_user_who_needs_no_password_is_not_asked(tmp_path: Path) -> None:
    sudo = Sudo(tmp_path, allowed=True, interactive=True)
    assert sudo.runner.authenticate()
    assert sudo.asked == ["-n true"]


@pytest.mark.usefixtures("user")
def test_user_without_a_terminal_is_not_asked(tmp_path: Path) -> None:
    sudo = Sudo(tmp_path, allowed=False, interactive=False)
    assert not sudo.runner.authenticate()
    assert sudo.asked == ["-n true"]


@pytest.mark.usefixtures("user")
def test_a_sudo_that_hangs_is_a_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sudo").write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    (tmp_path / "sudo").chmod(0o755)
    runner = Runner({"PATH": f"{tmp_path}:{os.environ['PATH']}"}, interactive=False)
    look = runner.look
    monkeypatch.setattr(runner, "look", lambda *argv, timeout: look(*argv, timeout=timeout / 100))
    assert not runner.authenticate()


WAYS = {
    "sudo": ("sudo doas", "sudo A='b c' sh -c 'echo $A'"),
    "doas": ("doas", "doas env A='b c' sh -c 'echo $A'"),
    "su": ("", """su -c 'A='"'"'b c'"'"' sh -c '"'"'echo $A'"'"''"""),
}


@pytest.mark.parametrize(("there", "typed"), WAYS.values(), ids=WAYS)
def test_command_for_root_is_shown_by_a_way_that_is_there(
    tmp_path: Path, there: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sudo.be(monkeypatch, 1000)
    for name in there.split():
        (tmp_path / name).touch(0o755)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    argv = ("sh", "-c", "echo $A")
    command = Command(argv, root=True, env={"A": "b c"})
    assert str(command) == typed
    assert for_root(typed)
    assert not for_root(str(Command(argv)))
    assert str(Command(("id",), root=True)) in ("sudo id", "doas id", "su -c id")
    # Typed: each is asked for what it is given, as these would run it.
    monkeypatch.setenv("PATH", path)
    for name, script in {"sudo": 'env "$@"', "doas": '"$@"', "su": 'sh "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexec {script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    done = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, check=True)
    assert done.stdout == "b c\n"


@pytest.mark.usefixtures("user")
def test_user_without_sudo_is_not_asked(tmp_path: Path) -> None:
    assert not Runner({"PATH": str(tmp_path)}, interactive=True).authenticate()


def test_root_needs_no_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo.be(monkeypatch, 0)
    assert Runner({"PATH": str(tmp_path)}, interactive=True).authenticate()
