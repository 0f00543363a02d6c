"""The packages of somebody's own app: installed once, and never half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from certs import output
from stack.base import StackError
from stack.local import app_venv

pytestmark = pytest.mark.programs


@pytest.fixture(autouse=True)
def nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No index is needed for what these tests show."""
    runner = tmp_path / "app.txt"
    runner.touch()
    monkeypatch.setattr(app_venv, "RUNNER", runner)


def installed(requirements: Path | None, folder: Path) -> tuple[str, list[str]]:
    said: list[str] = []
    with output.told(said.append):
        return app_venv.python(requirements, folder), said


def test_app_without_requirements_runs_in_the_stacks_venv(tmp_path: Path) -> None:
    assert installed(None, tmp_path / "venvs") == (sys.executable, [])


def test_requirements_are_installed_once_and_again_when_the_file_changes(tmp_path: Path) -> None:
    file, venvs = tmp_path / "requirements.txt", tmp_path / "venvs"
    file.write_text("# nothing\n")
    first, said = installed(file, venvs)
    assert said
    assert installed(file, venvs) == (first, [])
    file.write_text("# nothing else\n")
    second, said = installed(file, venvs)
    assert said
    assert second != first
    # Until that one is what runs.
    assert Path(first).exists()
    installed(file, venvs)
    assert not Path(first).exists()


def test_requirements_that_cannot_be_installed_leave_the_old_venv(tmp_path: Path) -> None:
    file, venvs = tmp_path / "requirements.txt", tmp_path / "venvs"
    file.write_text("# nothing\n")
    before, _ = installed(file, venvs)
    file.write_text("./there/is/no/such/folder\n")
    for _ in range(2):  # a second try does not take the first for done
        with pytest.raises(StackError, match="could not be installed"):
            installed(file, venvs)
    assert Path(before).exists()
