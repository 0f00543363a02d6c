"""Where the runner imports an app from."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.clone import UID
from tests.support.projects import main, write
from uvicorn_runner.settings import ROOT, read


def imported(env: Mapping[str, str]) -> Path:
    done = subprocess.run(
        programs.command("which_app"),
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.mark.parametrize("package", [{"app/__init__.py": ""}, {}], ids=["regular", "namespace"])
def test_app_of_the_user_comes_before_the_echo(package: dict[str, str], tmp_path: Path) -> None:
    folder = write(tmp_path, {**package, "app/main.py": main("'mine'")})
    env = {"APP": "app.main:app", "APP_PATH": str(folder)}
    assert imported(env) == folder / "app" / "main.py"


def test_echo_is_imported_from_the_checkout_where_app_is_unset(tmp_path: Path) -> None:
    folder = write(tmp_path, {"app/__init__.py": "", "app/main.py": main("'mine'")})
    assert imported({"APP_PATH": str(folder)}) == ROOT / "app" / "main.py"


def test_user_without_a_package_called_app_is_told_how_to_have_the_echo(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn_runner"],
        env={**os.environ, "APP": "app.main:app", "APP_PATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "app: APP is 'app.main:app': there is no module 'app' in APP_DIR; for the echo of this "
        "project unset APP\n"
    )


def test_files_that_are_watched_are_the_apps(tmp_path: Path) -> None:
    assert read({"APP": "app.main:app", "APP_PATH": str(tmp_path)}).watched == tmp_path
    assert read({"APP_PATH": str(tmp_path)}).watched == ROOT / "app"


@pytest.mark.parametrize(
    "name", ["APP", "RELOAD", "LOG_LEVEL", "WS_MAX_SIZE", "WS_DEFLATE", "APP_MEMORY"]
)
def test_comment_in_the_place_of_a_value_counts_as_unset(name: str) -> None:
    """Compose takes it for the value of `APP= # none yet`."""
    assert read({name: "# none yet"}) == read({})


def test_comment_behind_a_tab_is_no_part_of_the_value() -> None:
    assert read({"APP": "shop.asgi:app\t# mine"}).app == "shop.asgi:app"
    assert read({"APP": "shop.asgi:app#1"}).app == "shop.asgi:app#1"


PROJECT = {
    **dict.fromkeys(("shop/__init__.py", "shop/models/__init__.py", "shop/models/basket.py"), ""),
    "shop/asgi.py": main("'mine'", "import shop.models.basket"),
}


# It is started as another user, who may not reach every Python of this one.
@pytest.mark.programs
@pytest.mark.parametrize(
    ("closed", "said"),
    [
        (".", "{folder}"),
        ("shop", "{folder}/shop"),
        ("shop/asgi.py", "{folder}/shop/asgi.py"),
        ("shop/models", "{folder}/shop/models"),
        ("shop/models/__init__.py", "{folder}/shop/models/__init__.py"),
        ("shop/models/basket.py", "{folder}/shop/models/basket.py"),
    ],
)
def test_app_that_may_not_be_read_is_not_said_to_be_missing(
    closed: str, said: str, world: Path
) -> None:
    folder = write(world / "my app", PROJECT)
    (folder / closed).chmod(0)
    done = as_somebody("uvicorn_runner", APP="shop.asgi:app", APP_PATH=str(folder), APP_DIR="./b c")
    assert done.returncode == 2
    assert done.stderr == (
        f"app: APP is 'shop.asgi:app': {said.format(folder=folder)} is not readable for user "
        f"{os.geteuid() or UID}: chmod -R a+rX './b c'\n"
    )


@pytest.mark.programs
def test_app_that_is_missing_is_said_to_be(world: Path) -> None:
    folder = write(world / "my app", {"shop/__init__.py": ""})
    done = as_somebody("uvicorn_runner", APP="shop.asgi:app", APP_PATH=str(folder))
    assert done.returncode == 2
    assert "Could not import module" in done.stderr


@pytest.fixture
def world() -> Iterator[Path]:
    """A folder that every user of the machine may enter: pytest's own is closed to them."""
    with tempfile.TemporaryDirectory(prefix="wss-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)
        for path in Path(made).rglob("*"):
            path.chmod(0o700)


def as_somebody(module: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs a module as a user whom modes keep out; root is not."""
    ids = (f"--reuid={UID}", f"--regid={UID}", "--clear-groups")
    prefix = ["setpriv", *ids] if os.geteuid() == 0 else []
    return subprocess.run(
        [*prefix, sys.executable, "-m", module],
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
