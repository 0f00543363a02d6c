"""What a machine lacks is said once a reason, with how many tests want it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_TESTS = """
import pytest

@pytest.mark.parametrize("n", range({many}))
def test_a(n): pytest.skip("no Docker engine")

def test_b(): pytest.skip("no Docker engine")

@pytest.mark.skipif(True, reason="no sudo")
def test_c(): pass
"""


def test_skips_are_counted_for_each_reason(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_terminal_summary\n")
    (tmp_path / "test_it.py").write_text(_TESTS.format(many=40))
    options = ("-q", "-c", str(checkout / "pyproject.toml"), "--rootdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(checkout), "CI": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "  41 no Docker engine\n   1 no sudo\n" in done.stdout
    assert "SKIPPED" not in done.stdout
