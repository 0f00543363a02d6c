"""An ASGI app of somebody's own: its folder, its packages, and saved files."""

from __future__ import annotations

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from certs.errors import SettingError
from stack.base import StackError
from tests.support import programs
from tests.support.asking import ask
from tests.support.running import Running
from tests.support.waiting import until

SOURCE = programs.source("apps/talking.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    (folder / "mine").mkdir(parents=True)
    # Whatever the umask: in a container it is somebody else who reads it.
    for path in (tmp_path, folder, folder / "mine"):
        path.chmod(0o755)
    write(folder, "one")
    return folder


def write(folder: Path, text: str) -> None:
    source = folder / "mine" / "main.py"
    source.write_text(SOURCE.replace('"one"', f'"{text}"'))
    source.chmod(0o644)


def hello(stack: Running) -> str:
    return ask(stack, "/hello")[1]


def test_a_saved_file_is_served_within_two_seconds(own: Running, project: Path) -> None:
    own.up(APP="mine.main:app", APP_DIR=str(project))
    with own.connect("/talk") as open_before:
        assert open_before.recv(timeout=10) == "one"
        write(project, "two")
        until(lambda: hello(own) == "two", "the changed file to be served", seconds=2)
        # Its client is told, with the code that says to come back.
        with pytest.raises(ConnectionClosed) as closed:
            open_before.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART
    with own.connect("/talk") as client:
        assert client.recv(timeout=10) == "two"


def test_saved_file_waits_without_reload(own: Running, project: Path) -> None:
    own.up(APP="mine.main:app", APP_DIR=str(project), RELOAD="0")
    write(project, "two")
    assert hello(own) == "one"
    own.stack.restart("app")
    until(lambda: hello(own) == "two", "the restarted app")


def test_requirements_of_the_app_are_installed_once(own: Running, project: Path) -> None:
    source = project / "mine" / "main.py"
    source.write_text("import iniconfig\n" + source.read_text())
    (project / "requirements.txt").write_text("iniconfig==2.3.0\n")
    settings = {
        "APP": "mine.main:app",
        "APP_DIR": str(project),
        "APP_REQUIREMENTS": "requirements.txt",
    }
    assert own.up(**settings) is True
    assert hello(own) == "one"
    assert own.up(**settings) is False


def test_variables_of_the_app_come_from_a_file_beside_it(own: Running, project: Path) -> None:
    source = project / "mine" / "main.py"
    source.write_text("import os\n" + SOURCE.replace('"one"', 'os.environ["GREETING"]'))
    (project / ".env").write_text("GREETING=good morning\nAPP=not.this:one\n")
    own.up(APP="mine.main:app", APP_DIR=str(project))
    assert hello(own) == "good morning"


def test_a_variable_of_that_file_is_the_shells_when_it_exports_one(
    own: Running, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the `make up` that is typed; in Docker the file is the only way in."""
    source = project / "mine" / "main.py"
    source.write_text("import os\n" + SOURCE.replace('"one"', 'os.environ["GREETING"]'))
    (project / ".env").write_text("GREETING=of the file\n")
    own.up(APP="mine.main:app", APP_DIR=str(project))
    assert hello(own) == "of the file"
    with monkeypatch.context() as shell:
        shell.setenv("GREETING", "of the shell")
        own.up(APP="mine.main:app", APP_DIR=str(project))
        assert hello(own) == ("of the shell" if own.mode == "local" else "of the file")
        (project / ".env").write_text("GREETING=\n")
        shell.delenv("GREETING")
        own.up(APP="mine.main:app", APP_DIR=str(project))
        assert hello(own) == ""
    (project / ".env").write_text("GREETING=of the file\n")
    own.up(APP="mine.main:app", APP_DIR=str(project))
    assert hello(own) == "of the file"


def test_an_app_that_cannot_be_imported_is_said(own: Running, project: Path) -> None:
    (project / "mine" / "main.py").write_text("import there_is_no_such_module\n")
    with pytest.raises(StackError, match="there_is_no_such_module"):
        own.up(APP="mine.main:app", APP_DIR=str(project))


def test_a_folder_that_is_not_there_is_said(own: Running, project: Path) -> None:
    with pytest.raises(SettingError, match="APP_DIR"):
        own.up(APP="mine.main:app", APP_DIR=str(project / "nowhere"))
