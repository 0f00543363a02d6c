"""Commands: as they are typed, and as they are run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import sudo
from tests.support.sudo import Sudo, be
from trust import commands
from trust.commands import Command, CommandError, NeedsRootError, Result, Runner

user = sudo.user

UPDATE = Command(("update", "--all the", "rest"), root=True, env={"MODE": "a b"})


def without_sudo(folder: Path) -> Runner:
    return Runner({"PATH": str(folder)}, interactive=True)


def runner(**env: str) -> Runner:
    return Runner({"PATH": os.environ["PATH"], **env}, interactive=False)


def shell(code: str, codes: tuple[int, ...] = (0,), **env: str) -> Command:
    return Command(("sh", "-c", code), codes=codes, env=env)


TYPED = {
    "as it is": (Command(("certutil", "-L")), 1000, "certutil -L"),
    "quoted": (Command(("rm", "a b", "it's")), 1000, """rm 'a b' 'it'"'"'s'"""),
    "its variables": (Command(("go",), env={"A": "1", "B": "x y"}), 1000, "A=1 B='x y' go"),
    "for root": (UPDATE, 1000, "sudo MODE='a b' update '--all the' rest"),
    "for root, as root": (UPDATE, 0, "MODE='a b' update '--all the' rest"),
}


@pytest.mark.parametrize(("command", "uid", "typed"), TYPED.values(), ids=TYPED)
@pytest.mark.usefixtures("user")
def test_a_command_is_shown_as_it_is_typed(
    command: Command, uid: int, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, uid)
    assert str(command) == typed


def test_shown_command_does_the_same_in_a_shell() -> None:
    code = 'printf "%s|" "$NAME" "$@"'
    command = Command(("sh", "-c", code, "sh", "a  b", "$HOME", "it's"), env={"NAME": '"x" *'})
    typed = subprocess.run(["sh", "-c", str(command)], capture_output=True, text=True, check=True)
    assert typed.stdout == runner().run(command).out == '"x" *|a  b|$HOME|it\'s|'


WORDS = {
    "the last line": (Result(1, "", "first\nlast \n"), "last"),
    "errors before the rest": (Result(1, "out", "err"), "err"),
    "the rest where there are none": (Result(1, "one\ntwo\n\n", "\n"), "two"),
    "not what a JVM was given": (
        Result(1, "keytool error: no", "Picked up JAVA_TOOL_OPTIONS: -Dx\n"),
        "keytool error: no",
    ),
    "nothing": (Result(1, "", ""), "it said nothing"),
}


@pytest.mark.parametrize(("result", "words"), WORDS.values(), ids=WORDS)
def test_the_words_of_a_result(result: Result, words: str) -> None:
    assert result.words == words


def test_output_of_a_command_is_kept_whatever_its_bytes() -> None:
    result = runner().run(shell(r"printf 'a\377b'; echo err >&2"))
    assert result == Result(0, "a\ufffdb", "err\n")


@pytest.mark.parametrize("code", [0, 4])
def test_exit_status_that_is_allowed_means_success(code: int) -> None:
    assert runner().run(shell(f"exit {code}", codes=(0, 4))).code == code


def test_any_other_exit_status_is_told_with_the_command_and_its_words() -> None:
    with pytest.raises(CommandError) as caught:
        runner().run(shell("echo no >&2; exit 3", codes=(0, 4)))
    assert str(caught.value) == "`sh -c 'echo no >&2; exit 3'` failed (exit 3): no"


def test_look_takes_any_exit_status() -> None:
    assert runner().look("sh", "-c", "cat; exit 7", stdin=b"asked") == Result(7, "asked", "")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(CommandError, match=r"^no-such-program is not installed$"):
        # Folders of other users on PATH would be another reason.
        runner(PATH=os.defpath).look("no-such-program", "--version")


def test_command_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("")
    with pytest.raises(CommandError, match=r"tool` cannot be run: .*Permission denied"):
        runner().run(Command((str(tmp_path / "tool"),)))


def test_command_that_does_not_end_is_ended() -> None:
    endless = Command(("tail", "-f", "/dev/null"), timeout=0.2)
    with pytest.raises(CommandError, match=r"^`tail -f /dev/null` did not end within 0 seconds$"):
        runner().run(endless)


def test_the_environment_is_the_runners_and_the_commands_alone() -> None:
    ours = runner(OURS="1", BOTH="runner")
    out = ours.run(Command(("env",), env={"BOTH": "command", "ITS": "2"})).out
    assert set(out.splitlines()) == {
        f"PATH={os.environ['PATH']}",
        "OURS=1",
        "BOTH=command",
        "ITS=2",
    }


def test_programs_are_looked_up_where_they_are_run(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\necho mine\n")
    (tmp_path / "tool").chmod(0o755)
    ours = runner(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert ours.which("tool") == str(tmp_path / "tool")
    assert ours.look("tool").out == "mine\n"
    assert runner().which("tool") is None


def test_root_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, 0)
    sudo = Sudo(tmp_path, allowed=False, interactive=True)
    command = Command(("sh", "-c", "echo $OURS"), root=True)
    assert sudo.runner.run(command).out == "1\n"
    assert not (tmp_path / "log").exists()


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("interactive", [True, False], ids=["at a terminal", "elsewhere"])
def test_sudo_runs_commands_for_root_and_asks_nothing(tmp_path: Path, interactive: bool) -> None:
    sudo = Sudo(tmp_path, allowed=True, interactive=interactive)
    argv = ("sh", "-c", "cat; echo $A")
    command = Command(argv, root=True, stdin=b"in ", env={"A": "b c"})
    assert sudo.runner.run(command).out == "in b c\n"
    limit = f"{commands._TIMEOUT} -k 5 60"
    assert sudo.asked == ["-n true", f"-n -- {limit} env A=b c sh -c cat; echo $A"]


@pytest.mark.usefixtures("user")
def test_sudo_runs_no_command_for_the_user(tmp_path: Path) -> None:
    sudo = Sudo(tmp_path, allowed=True, interactive=True)
    assert sudo.runner.run(shell("echo $OURS")).out == "1\n"
    assert not (tmp_path / "log").exists()


@pytest.mark.usefixtures("user")
def test_failure_under_sudo_is_told_as_typed(tmp_path: Path) -> None:
    sudo = Sudo(tmp_path, allowed=True, interactive=False)
    with pytest.raises(CommandError, match=r"^`sudo sh -c 'exit 5'` failed \(exit 5\)"):
        sudo.runner.run(Command(("sh", "-c", "exit 5"), root=True))


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("there", [False, True], ids=["no sudo", "sudo wants a password"])
def test_user_without_a_way_to_root_is_told_the_whole_command(tmp_path: Path, there: bool) -> None:
    sudo = Sudo(tmp_path, allowed=False, interactive=True).runner if there else None
    with pytest.raises(NeedsRootError) as caught:
        (sudo or without_sudo(tmp_path)).run(UPDATE)
    assert caught.value.command == UPDATE
    assert str(caught.value) == "needs root: sudo MODE='a b' update '--all the' rest"
