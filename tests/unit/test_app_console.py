"""The console's modules that are free of the page, run by deno; all are linted and formatted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from certs.settings import CHECKOUT

TESTS = CHECKOUT / "tests/unit/console"


@pytest.fixture
def deno(tmp_path: Path) -> list[str]:
    """It comes from PyPI, beside this Python."""
    program = Path(sys.executable).parent / "deno"
    if not program.exists():
        pytest.skip("deno is not installed: make test installs it")
    return [str(program)]


def run(*command: str, home: Path) -> None:
    env = {**os.environ, "DENO_DIR": str(home), "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modules_do_what_they_say(deno: list[str], tmp_path: Path) -> None:
    options = ("--no-remote", "--no-config", "--no-lock", "--no-check")
    run(*deno, "test", *options, str(TESTS), home=tmp_path)


def test_the_modules_are_clean(deno: list[str], tmp_path: Path) -> None:
    run(*deno, "lint", "--no-config", "app/console", str(TESTS), home=tmp_path)
    files = (str(path) for of in (CHECKOUT / "app/console", TESTS) for path in of.glob("*.js"))
    options = ("--check", "--no-config", "--line-width", "100")
    run(*deno, "fmt", *options, *files, home=tmp_path)
