"""Where the runner imports an app from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.projects import main, write
from uvicorn_runner.settings import ROOT, read

WHICH = """
import os
from uvicorn_runner import loading
from uvicorn_runner.settings import read
settings = read(os.environ)
with loading.imports_from(settings.folder):
    loading.load_or_explain(settings.app)
    import app.main
print(app.main.__file__)
"""


def imported(env: Mapping[str, str]) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", WHICH],
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
