"""The fixtures for tests of others: in a venv of theirs, which has none of our packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.local import processes
from stack.local import supervisor as supervise
from tests.support import programs, their_tests
from tests.support.running import Running, running
from tests.support.their_tests import run_pytest, use_from_conftest

pytestmark = pytest.mark.programs


@pytest.fixture
def project(tmp_path: Path) -> Path:
    documented = their_tests.documented()
    return their_tests.project(
        tmp_path,
        {"test_stack.py": programs.source("their_tests.py"), "test_documented.py": documented},
    )


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running("local", tmp_path_factory.mktemp("stack")) as stack:
        yield stack


def test_their_tests_talk_to_the_running_stack(up: Running, project: Path) -> None:
    use_from_conftest(project)
    done = run_pytest(project, up.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_plugin_is_also_loaded_by_an_option(up: Running, project: Path) -> None:
    done = run_pytest(project, up.env, "-p", "stack.pytest_plugin")
    assert done.returncode == 0, done.stdout + done.stderr


def test_tests_without_a_running_stack_fail_and_say_what_to_type(
    tmp_path: Path, project: Path
) -> None:
    use_from_conftest(project)
    nothing = Running("local", tmp_path)
    done = run_pytest(project, nothing.env)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "the stack does not run; start it: make up" in done.stdout
    # Not skipped, and the test that asks for neither fixture runs.
    assert "2 passed, 3 errors" in done.stdout


def test_stack_that_is_not_ok_is_named(tmp_path: Path, project: Path) -> None:
    use_from_conftest(project)
    with running("local", tmp_path) as stack:
        for supervisor in processes.recorded(tmp_path / "run" / "pids", supervise.NAME):
            supervisor.kill()
        done = run_pytest(project, stack.env)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "the stack is not ok: certs: runs, but nothing restarts it" in done.stdout
