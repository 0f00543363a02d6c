"""The tests' Chromium hears of no network that comes or goes; all else is as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import programs, without_netlink


@pytest.fixture(autouse=True)
def possible() -> None:
    if not without_netlink.possible():
        pytest.skip("no libseccomp to forbid it with: apt install libseccomp2")


def test_wrapped_program_gets_no_netlink_socket_and_all_others(tmp_path: Path) -> None:
    path = tmp_path / "wrapped"
    without_netlink.wrap(sys.executable, path)
    command = [str(path), *programs.command("sockets", "two words", "$HOME")[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "EAFNOSUPPORT two words $HOME\n"), done.stderr


def test_chromium_is_wrapped() -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed")
    assert without_netlink.__file__ in Path(chromium).read_text()
