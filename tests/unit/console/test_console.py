"""The console's modules that are free of the page, run by deno; all are linted and formatted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support.programs import PROGRAMS

CONSOLE = CHECKOUT / "console"
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


def test_modules_pass_their_tests(deno: list[str], tmp_path: Path) -> None:
    options = ("--no-remote", "--no-config", "--no-lock", "--no-check")
    run(*deno, "test", *options, str(TESTS), home=tmp_path)


def test_the_modules_are_clean(deno: list[str], tmp_path: Path) -> None:
    programs = (PROGRAMS / "pages", PROGRAMS / "node", CHECKOUT / "tests/machine/inside")
    folders = (CONSOLE, TESTS, *programs)
    files = [str(path) for folder in folders for path in folder.glob("*.*js")]
    run(*deno, "lint", "--no-config", *files, home=tmp_path)
    options = ("--check", "--no-config", "--line-width", "100")
    run(*deno, "fmt", *options, *files, home=tmp_path)


def test_every_file_that_is_there_is_in_use() -> None:
    page = (CONSOLE / "index.html").read_text()
    scripts = "".join(path.read_text() for path in CONSOLE.glob("*.js"))
    named = set(re.findall(r'(?:href|src)="\./([^"]+)"', page))
    named |= set(re.findall(r'from "\./([^"]+)"', scripts))
    assert named == {path.name for path in CONSOLE.iterdir()} - {"index.html"}


def test_the_page_asks_no_other_host() -> None:
    for path in CONSOLE.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    """Relative, WCAG 2.2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_that_is_promised(scheme: str) -> None:
    light, dark = (CONSOLE / "tokens.css").read_text().split("@media")
    palette = colours(light) if scheme == "light" else {**colours(light), **colours(dark)}
    for behind in ("page", "surface", "surface-sunk"):
        for text in ("text", "text-soft", "accent", "good", "warn", "bad"):
            assert contrast(palette[text], palette[behind]) >= 4.5, (text, behind)
        for shape in ("line-strong", "focus"):
            assert contrast(palette[shape], palette[behind]) >= 3, (shape, behind)
    for button in ("accent", "accent-strong"):
        assert contrast(palette["on-accent"], palette[button]) >= 4.5, button
