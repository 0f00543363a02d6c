"""Compose does not read .env itself where make calls it, and yet is told what it says. A plain
`docker compose up` reads it, and finds the same in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from certs.all_settings import NAMES
from certs.dotenv import merged_environment
from certs.errors import SettingError
from stack.docker import Docker
from stack.settings import read_for_stopping
from tests.support.checkouts import compose, other_checkout
from tests.support.fuzzing import fuzzed
from tests.support.running import Running
from tests.support.steady import SOAK

MODES = ("docker",)


def test_compose_is_told_what_the_file_says(
    own: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own settings too, though it does not read the file itself."""
    name = own.env["COMPOSE_PROJECT_NAME"]
    ours = f"COMPOSE_FILE=other.yml\nCOMPOSE_PROJECT_NAME={name}\nthis is junk\n"
    folder = tmp_path / "other"
    other_checkout(folder, monkeypatch)
    (folder / "docker-compose.yml").rename(folder / "other.yml")
    (folder / ".env").write_text(ours)
    env = merged_environment(folder, warn=own.said.append)
    there = Docker(read_for_stopping(env))
    assert not there.running()
    compose(
        folder,
        "--env-file",
        os.devnull,
        "create",
        COMPOSE_FILE="other.yml",
        COMPOSE_PROJECT_NAME=name,
    )
    assert [service.name for service in there.status()] == ["other"]
    there.down()
    assert not there.running()


PIECES = st.sampled_from(
    [
        "a.test",
        "b",
        " ",
        "  ",
        "\t",
        "#",
        " #",
        "\\",
        "\\n",
        "=",
        ",",
        ":",
        "*",
        "\u00fc",
        "a'b",
        'a"b',
    ]
)
plain = st.lists(PIECES, max_size=5).map("".join)
in_quotes = plain.map(lambda text: text.replace("'", "").replace('"', "").rstrip("\\"))
quotes, behind = st.sampled_from(("'", '"')), st.sampled_from(("", " ", " # x"))
quoted = st.builds("{0}{1}{0}{2}".format, quotes, in_quotes, behind)
files = st.dictionaries(st.sampled_from(NAMES), plain | quoted, min_size=8)


@pytest.mark.usefixtures("mode_or_skip")
@settings(fuzzed, max_examples=200 if SOAK else 8)
@given(files)
@example({"HOSTS": "'a b'", "SITES": '"a\\nb"', "APP": "a#b", "PERMIT": "a #b", "UPSTREAM": " x "})
def test_compose_reads_what_python_reads(file: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in file.items()))
        try:
            read = merged_environment(folder)
        except SettingError:
            assume(False)  # make up does not start
        environment = {name: f"${{{name}:-}}" for name in NAMES}
        project = {"services": {"one": {"image": "x", "environment": environment}}}
        (folder / "compose.yml").write_text(json.dumps(project))
        done = subprocess.run(
            ["docker", "compose", "config", "--format", "json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)["services"]["one"]["environment"]
        # Where Compose takes a comment for part of the value, every reader of the value takes
        # it off (certs/dotenv.py).
        told = {
            name: re.sub(r"(^|\s*\t)\s*#.*", "", found[name].replace("$$", "$")) for name in NAMES
        }
        assert {name: read.get(name, "") for name in NAMES} == told
