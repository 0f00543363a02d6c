"""Somebody's tests against the stack: in a venv of theirs, which has none of our packages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from certs.dotenv import CHECKOUT

# What `pip install pytest websockets` brings.
THEIRS = ("pytest", "iniconfig", "packaging", "pluggy", "pygments", "websockets")


def documented() -> str:
    """The test that docs/your-app.md shows."""
    text = (CHECKOUT / "docs" / "your-app.md").read_text()
    _, _, section = text.partition("## In your tests")
    return section.split("```python\n")[1].split("```")[0]


def project(folder: Path, tests: Mapping[str, str]) -> Path:
    """Somebody's project with these tests, file by file, and what is installed for it."""
    site = folder / "site-packages"
    site.mkdir()
    for name in THEIRS:
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()} - {".."}:
            (site / top).symlink_to(Path(str(installed.locate_file(top))))
    made = folder / "project"
    (made / "tests").mkdir(parents=True)
    (made / "app.py").write_text('GREETING = "hello"\n')
    (made / "pytest.ini").write_text(f"[pytest]\npythonpath = . {CHECKOUT}\n")
    for name, text in tests.items():
        (made / "tests" / name).write_text(text)
    return made


def run_pytest(
    project: Path, env: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    # -S: without the site-packages of this Python, where everything is.
    command = [sys.executable, "-S", "-m", "pytest", "-p", "no:cacheprovider", *options]
    theirs = {**env, "PYTHONPATH": str(project.parent / "site-packages")}
    return subprocess.run(
        command, cwd=project, env=theirs, capture_output=True, text=True, check=False
    )


def use_from_conftest(project: Path) -> None:
    (project / "conftest.py").write_text('pytest_plugins = ["stack.pytest_plugin"]\n')
