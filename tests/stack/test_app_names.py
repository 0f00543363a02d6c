"""A user's app is served whatever its packages are called, `app` above all."""

from __future__ import annotations

from pathlib import Path

from tests.support.asking import ask
from tests.support.projects import main, write
from tests.support.running import Running
from tests.support.waiting import until


def hello(own: Running) -> str:
    return ask(own, "/hello")[1]


def test_package_called_app_is_the_users_where_app_is_set(own: Running, tmp_path: Path) -> None:
    """The layout of the best-known FastAPI template: backend/app/main.py, without an
    __init__.py, and modules called as the echo's are."""
    folder = write(
        tmp_path / "backend",
        {
            "app/main.py": main("echo.TEXT", "from app import echo"),
            "app/echo.py": "TEXT = 'of the user'\n",
            "app/api.py": main("'of the api'"),
        },
    )
    own.up(APP="app.main:app", APP_DIR=str(folder))
    assert hello(own) == "of the user"
    assert ask(own, "/healthz")[0].status == 404, "that is the project's own echo"
    write(folder, {"app/echo.py": "TEXT = 'saved'\n"})
    until(lambda: hello(own) == "saved", "the saved file to be served")
    own.up(APP="app.api:app", APP_DIR=str(folder))
    assert hello(own) == "of the api"
    own.up(APP_DIR=str(folder))
    with own.connect("/ws") as client:
        client.send("unset")
        assert client.recv(timeout=10) == "unset", "APP is unset, so the echo runs"


def test_packages_called_as_the_projects_are_the_users(own: Running, tmp_path: Path) -> None:
    names = ("certs", "stack", "trust", "runner", "server")
    files = {f"{name}/part.py": f"NAME = '{name} of the user'\n" for name in names}
    imports = "\n".join(f"from {name}.part import NAME as {name}" for name in names)
    text = "', '.join([certs, stack, trust, runner, server])"
    folder = write(tmp_path / "shop", {**files, "main.py": main(text, imports)})
    own.up(APP="main:app", APP_DIR=str(folder))
    assert hello(own) == ", ".join(f"{name} of the user" for name in names)
