"""The shell that variables are set in, and taken out of."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from trust import shells

AWKWARD = '/home/o\'neil/a b/\\$HOME "x" `id` \u2018quoted\u2019 %s;#'


@pytest.mark.parametrize("value", ["/plain/path", AWKWARD, ""])
def test_sh_reads_back_what_was_meant(value: str) -> None:
    script = shells.render({"NAME": value}, "sh") + 'printf %s "$NAME"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert said.decode() == value


@pytest.mark.parametrize(
    ("shell", "value", "line"),
    [
        ("sh", "/a/b", "export NAME=/a/b\n"),
        ("sh", "/a b", "export NAME='/a b'\n"),
        ("fish", "/a b", "set -gx NAME '/a b'\n"),
        ("fish", "it's \\ $x", "set -gx NAME 'it\\'s \\\\ $x'\n"),
        ("powershell", "C:\\a b", "$env:NAME = 'C:\\a b'\n"),
        ("powershell", "it's \u2018$x\u2019", "$env:NAME = 'it''s \u2018\u2018$x\u2019\u2019'\n"),
    ],
)
def test_shell_has_its_own_quoting(shell: str, value: str, line: str) -> None:
    assert shells.render({"NAME": value}, shell) == line


def test_every_variable_is_a_line_of_its_own() -> None:
    assert shells.render({"A": "1", "B": "2"}, "sh") == "export A=1\nexport B=2\n"
    with pytest.raises(KeyError):
        shells.render({"A": "1"}, "csh")


def test_shell_takes_variables_out_in_its_own_way() -> None:
    said = [shells.unset(["A", "B"], shell) for shell in shells.SHELLS]
    assert said == ["unset A B", "set -e A B", "Remove-Item Env:A, Env:B"]


ASK = "import os; from trust import shells; print(shells.in_use(os.environ))"


def in_use(program: Path, shell: str) -> str:
    """What is found below this program, which runs `sh -c`, as make does."""
    script = f'sh -c \'"{sys.executable}" -c "$ASK"; true\'; true'
    env = {"ASK": ASK, "SHELL": shell, "PATH": "/usr/bin:/bin"}
    done = subprocess.run([program, "-c", script], env=env, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("name", "found"), [("fish", "fish"), ("pwsh", "powershell"), ("bash", "sh"), ("zsh", "sh")]
)
def test_the_shell_above_make_is_found_by_its_name(tmp_path: Path, name: str, found: str) -> None:
    """Whatever the login shell is. bash stands for all of them: the name counts."""
    program = tmp_path / name
    shutil.copy("/bin/bash", program)
    assert in_use(program, "/usr/bin/fish" if found == "sh" else "/bin/bash") == found


@pytest.mark.parametrize(
    ("shell", "found"),
    [("/usr/bin/fish", "fish"), ("/bin/zsh", "sh"), ("", "sh"), ("/bin/tcsh", "sh")],
)
def test_login_shell_is_taken_where_no_other_is_known(
    monkeypatch: pytest.MonkeyPatch, shell: str, found: str
) -> None:
    monkeypatch.setattr(psutil.Process, "parents", lambda _: [])
    assert shells.in_use({"SHELL": shell}) == found
