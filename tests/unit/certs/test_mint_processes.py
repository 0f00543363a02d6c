"""Minting in processes of their own: as another user, at once, and killed halfway."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import authority as authorities
from certs.permitted import Permitted
from tests.support import programs
from tests.support.certificates import assert_minted, assert_no_leftovers, days, environment
from tests.support.minting import Place, assert_whole

NOW = datetime.now(UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes what belongs to somebody else")
@pytest.mark.parametrize(
    ("mode", "names"),
    [(0o755, ["authority.pem"]), (0o755, []), (0o700, ["authority.pem"]), (0o700, [])],
    ids=["unreadable", "unwritable", "closed", "closed and empty"],
)
def test_folder_of_somebody_else_is_named_with_a_remedy(
    mode: int, names: list[str], place: Place
) -> None:
    # Not in tmp_path: nobody else comes in there.
    with tempfile.TemporaryDirectory() as open_to_all:
        folder = Path(open_to_all)
        folder.chmod(0o755)
        (folder / "ca").mkdir()
        for name in names:
            (folder / "ca" / name).touch(0o600)
        (folder / "ca").chmod(mode)
        command = programs.command("authority_as_nobody", folder)
        done = subprocess.run(
            command, env=environment(folder), capture_output=True, text=True, check=False
        )
        assert f"CA_HOME {folder / 'ca'}: Permission denied" in done.stdout, done.stderr
        assert "belongs to user 0, not to you" in done.stdout
        assert f'sudo chown -R "$(id -u):$(id -g)" {folder / "ca"}' in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes what belongs to somebody else")
@pytest.mark.parametrize("theirs", ["ca", "leaf"])
def test_folder_that_root_left_in_the_users_own_is_given_back_as_a_whole(theirs: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.chown(folder, 65534, 65534)
        for name in ("ca", "leaf"):
            (folder / name).mkdir()
            (folder / name / "authority.pem").touch(0o600)
            if name != theirs:
                os.chown(folder / name, 65534, 65534)
                os.chown(folder / name / "authority.pem", 65534, 65534)
        command = programs.command("authority_as_nobody", folder)
        done = subprocess.run(
            command, env=environment(folder), capture_output=True, text=True, check=False
        )
        assert done.stdout.endswith(f'sudo chown -R "$(id -u):$(id -g)" {folder / theirs}\n'), done


@pytest.mark.parametrize(
    "hook", [(), ("no-locks",)], ids=["with locks", "without locks, as on NFS"]
)
def test_eight_processes_at_once_end_with_one_authority(
    place: Place, hook: tuple[str, ...]
) -> None:
    command, env = programs.command("mint_hooked", *hook), environment(place.folder)
    pipe = subprocess.PIPE
    eight = [
        subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(8)
    ]
    for process in eight:
        assert process.stdin
        process.stdin.close()
        process.stdin = None
    outputs = [process.communicate(timeout=30) for process in eight]
    assert [process.returncode for process in eight] == [0] * 8, outputs
    authority = assert_minted(place.folder)
    said = "".join(out for out, _ in outputs)
    assert said.count("made the authority") == 1
    assert said.count(f"Authority: {authority.name}\n") == 8
    if not hook:
        assert said.count("issued leaf.pem") == 1
    assert place.kept() == []


POINTS = [
    ("before", "fsync", 1),  # the authority is written, without its name
    ("before", "link", 1),
    ("after", "link", 1),  # the authority is there, and no root
    ("before", "fsync", 2),
    ("after", "replace", 1),  # the root is there, and no leaf
    ("before", "fsync", 3),
    ("after", "replace", 2),  # one leaf is there
    ("after", "replace", 3),  # both are, and no hosts
]


def minting(place: Place, name: str, moment: str, function: str, number: int) -> int:
    process = subprocess.run(
        programs.command("mint_hooked", moment, function, str(number), name),
        env=environment(place.folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return process.returncode


@pytest.mark.parametrize(("moment", "function", "number"), POINTS)
def test_mint_after_one_that_was_killed_anywhere_succeeds(
    place: Place, moment: str, function: str, number: int
) -> None:
    assert minting(place, "SIGKILL", moment, function, number) == -signal.SIGKILL
    assert_whole(place.folder)
    place.mint()
    assert_minted(place.folder)
    assert place.kept() == []


@pytest.mark.parametrize(("moment", "function", "number"), POINTS)
def test_interrupt_anywhere_leaves_no_half_written_file(
    place: Place, moment: str, function: str, number: int
) -> None:
    assert minting(place, "SIGINT", moment, function, number) == 130
    assert_whole(place.folder)
    assert_no_leftovers(place.folder)
    place.mint()
    assert_minted(place.folder)


def test_mint_after_one_that_was_killed_before_the_new_root_succeeds(place: Place) -> None:
    place.mint()
    place.authority.write_bytes(authorities.mint(Permitted(), "old", NOW - days(3651)).dump())
    assert minting(place, "SIGKILL", "after", "link", 1) == -signal.SIGKILL
    place.mint()
    assert_minted(place.folder)
