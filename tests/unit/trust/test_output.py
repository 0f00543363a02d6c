"""What happens where nobody reads what is said any more: make doctor | head."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from certs import ca_home, mint
from tests.support import certificates, programs
from tests.support.ports import free_port
from trust.root import Root
from trust.stores.ledger import Ledger

STORES = ("first", "second")


def unread(
    folder: Path, *words: str, lines: int = 0, stderr: bool = False
) -> tuple[int, str, list[str]]:
    """Exit status, standard error, and the first lines of output: after them nobody
    reads. stderr: it goes to the same reader."""
    fifos = [folder / f"{name}.unread" for name in (*STORES, "client")]
    for fifo in fifos:
        os.mkfifo(fifo)
    env = certificates.environment(folder, HTTPS_PORT=str(free_port()))
    out, into = os.pipe()
    with os.fdopen(out) as reader:
        process = subprocess.Popen(
            programs.command("unread_stores", folder, *words),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=into if stderr else subprocess.PIPE,
            text=True,
        )
        os.close(into)
        seen = [reader.readline() for _ in range(lines)]
    # Opened both ways: this waits for nobody who reads it.
    waiting = [os.open(fifo, os.O_RDWR) for fifo in fifos]
    for descriptor in waiting:
        os.write(descriptor, b"now\n")
    try:
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        for descriptor in waiting:
            os.close(descriptor)
    return process.returncode, err or "", seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With an authority."""
    mint.ensure(certificates.settings(tmp_path))
    return tmp_path


COMMANDS: Sequence[Sequence[str]] = [
    ["doctor"],
    ["doctor", "--json"],
    ["status"],
    ["mint"],
    ["env"],
    ["install", "--dry-run"],
]


@pytest.mark.parametrize("stderr", [False, True], ids=["stdout", "both"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_command_without_a_reader_ends_and_says_nothing(
    folder: Path, words: Sequence[str], stderr: bool
) -> None:
    assert unread(folder, *words, stderr=stderr) == (1, "", [])


def test_the_proof_ends_where_its_reader_does(folder: Path) -> None:
    assert unread(folder, "doctor", lines=1) == (1, "", ["client: the stack: could not check\n"])


def root(folder: Path) -> Root:
    return Root.read(folder / "ca" / ca_home.ROOT)


@pytest.mark.parametrize("stderr", [False, True], ids=["stdout", "both"])
def test_command_that_writes_to_stores_goes_on_to_its_end(folder: Path, stderr: bool) -> None:
    # Two commands for each of the stores: the last that is said before it writes.
    code, err, seen = unread(folder, "install", lines=4, stderr=stderr)
    assert (code, err) == (0, "")
    assert seen[-1] == f"second: will run touch {folder}/second/{root(folder).sha256}\n"
    for name in STORES:
        assert (folder / name / root(folder).sha256).exists()
    assert [entry.title for entry in Ledger(folder / "ca")] == [*STORES]
