"""What becomes of an app that a save has broken, or that ends: nothing hangs, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stack.base import StackError
from tests.support import programs
from tests.support.asking import ask
from tests.support.running import Running
from tests.support.waiting import until

SOURCE = programs.source("apps/ending.py")
NO_PYTHON = "import os\nthis is: no Python\n"
NO_START = SOURCE.replace('FAILS = ""', 'FAILS = "no database here"')


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    # Whatever the umask: in a container it is somebody else who reads it.
    for path in (tmp_path, folder):
        path.chmod(0o755)
    save(folder / "mine.py", working("one"))
    return folder / "mine.py"


def save(source: Path, text: str) -> None:
    source.write_text(text)
    source.chmod(0o644)


def working(text: str) -> str:
    return SOURCE.replace('"one"', f'"{text}"')


def start(stack: Running, source: Path, **settings: str) -> None:
    stack.up(APP="mine:app", APP_DIR=str(source.parent), **settings)


def hello(stack: Running) -> str:
    return ask(stack, "/hello")[1]


def app_is_ok(stack: Running) -> bool:
    return next(s.ok for s in stack.stack.status() if s.name == "app")


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param(NO_PYTHON, "mine.py:2: ", id="syntax"),
        pytest.param(NO_START, "its startup failed", id="lifespan"),
    ],
)
def test_a_broken_save_is_answered_with_the_reason_until_the_next(
    own: Running, source: Path, broken: str, says: str
) -> None:
    start(own, source)
    save(source, broken)
    until(lambda: says in hello(own), "the reason")
    assert ask(own, "/hello")[0].status == 503
    with pytest.raises(InvalidStatus) as refused:
        own.connect("/end")
    assert refused.value.response.status_code == 503
    with pytest.raises(StackError, match=says):
        start(own, source)
    save(source, working("fixed"))
    until(lambda: hello(own) == "fixed", "the fixed app")


def test_status_does_not_take_a_broken_app_for_ok(own: Running, source: Path) -> None:
    start(own, source)
    assert app_is_ok(own)
    save(source, NO_PYTHON)
    until(lambda: not app_is_ok(own), "the app not to be ok", seconds=40)
    save(source, working("fixed"))
    until(lambda: app_is_ok(own), "the app to be ok", seconds=40)


def test_an_app_whose_startup_fails_is_said_at_once_with_its_traceback(
    own: Running, source: Path
) -> None:
    save(source, NO_START)
    with pytest.raises(StackError, match="no database here"):
        start(own, source)
    assert not own.stack.running()


@pytest.mark.parametrize("reload", ["0", "1"])
def test_an_app_that_ends_is_started_again(own: Running, source: Path, reload: str) -> None:
    start(own, source, RELOAD=reload)
    with own.connect("/end") as client, pytest.raises(ConnectionClosed):
        client.recv(timeout=10)
    until(lambda: hello(own) == "one", "the app to be back")


def test_an_app_that_ends_while_it_is_imported_is_said_with_its_exit_status(
    own: Running, source: Path
) -> None:
    save(source, "import os\nos._exit(3)\n")
    with pytest.raises(StackError, match="exit status 3" if own.mode == "local" else "failed"):
        start(own, source)
