"""A real keytool, and what is in a keystore of Java's."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from trust.commands import Runner

KEYTOOL = shutil.which("keytool")
OURS = Path("/etc/ssl/certs/java/cacerts")
# A third faster; and what Java then says on stderr must not matter.
ENV = {**os.environ, "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
RUNNER = Runner(ENV, interactive=False)


@pytest.fixture(scope="module", autouse=True)
def this_machine_is_left_alone() -> Generator[None]:
    """Its own keystore is the same, byte for byte, after every test here."""
    before = _state_of(OURS)
    yield
    assert _state_of(OURS) == before


def _state_of(path: Path) -> tuple[int, str] | None:
    if not path.exists():
        return None
    return path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def keytool(path: Path, *arguments: str, word: str = "changeit") -> str:
    argv = [KEYTOOL or "", "-J-Duser.language=en", *arguments, "-storepass", word]
    argv += ["-keystore", str(path)]
    return subprocess.run(argv, capture_output=True, check=True, text=True, env=ENV).stdout


def entries(path: Path) -> dict[str, list[str]]:
    """Everything that a keystore holds: alias to date, kind and certificates."""
    _, *entries = re.split("^Alias name: ", keytool(path, "-list", "-rfc"), flags=re.MULTILINE)
    split = (entry.rstrip("*\n").splitlines() for entry in entries)
    return {alias: rest for alias, *rest in split}
