"""Root that runs this for a user: what is written is the user's."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from certs import sudo
from tests.support import programs
from tests.support.certificates import environment, python

ROOT_ALONE = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")

NO_NEED = {
    "not root": (1000, {"SUDO_UID": "1000", "SUDO_GID": "1000"}),
    "no sudo": (0, {}),
    "no group": (0, {"SUDO_UID": "1000"}),
    "empty": (0, {"SUDO_UID": "", "SUDO_GID": ""}),
    "root's own sudo": (0, {"SUDO_UID": "0", "SUDO_GID": "0"}),
}


@pytest.mark.parametrize(("uid", "told"), NO_NEED.values(), ids=NO_NEED)
def test_environment_stays_where_there_is_no_invoking_user(
    uid: int, told: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it became somebody")

    for name in ("setgroups", "setegid", "seteuid"):
        monkeypatch.setattr(os, name, never)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    env = {"HOME": "/root", "XDG_DATA_HOME": "/root/data", **told}
    assert sudo.become_invoking_user(env) == env


ROOTS_OWN = (
    *("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"),
    *("XDG_CACHE_HOME", "XDG_STATE_HOME"),
)


@pytest.fixture
def nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


@pytest.fixture
def folder(nobody: pwd.struct_passwd) -> Iterator[Path]:
    """The user's, and within their reach: pytest's are not."""
    with tempfile.TemporaryDirectory() as made:
        os.chown(made, nobody.pw_uid, nobody.pw_gid)
        yield Path(made)


def become(folder: Path, account: pwd.struct_passwd) -> dict[str, Any]:
    """What a process that became this user has done and seen."""
    sudo = {"SUDO_UID": str(account.pw_uid), "SUDO_GID": str(account.pw_gid)}
    (folder / "sudo").touch(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    plain = {**sudo, "HOME": "/root", "KEPT": "1", "PATH": path}
    env = environment(folder, **plain, **dict.fromkeys(ROOTS_OWN, "/root/x"))
    done = subprocess.run(
        programs.command("become_user", folder),
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@ROOT_ALONE
def test_written_files_are_the_users(folder: Path, nobody: pwd.struct_passwd) -> None:
    become(folder, nobody)
    paths = [folder / "made", *(folder / "made").iterdir()]
    assert {path.name for path in paths} == {"made", "written", "created", "touched"}
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in paths}
    assert owners == {(nobody.pw_uid, nobody.pw_gid)}


@ROOT_ALONE
def test_the_environment_is_the_users(folder: Path, nobody: pwd.struct_passwd) -> None:
    env = become(folder, nobody)["env"]
    assert (env["HOME"], env["USER"], env["LOGNAME"]) == (nobody.pw_dir, "nobody", "nobody")
    assert env["KEPT"] == "1"
    assert [name for name in ROOTS_OWN if name in env] == []


def ids(text: str) -> dict[str, set[int]]:
    """Real, effective, saved and of the file system; and the groups."""
    lines = (line.split() for line in text.splitlines())
    return {name.rstrip(":"): set(map(int, numbers)) for name, *numbers in lines}


@ROOT_ALONE
def test_command_for_the_user_has_no_id_of_root_left(
    folder: Path, nobody: pwd.struct_passwd
) -> None:
    found = ids(become(folder, nobody)["ids"]["user"])
    groups = set(os.getgrouplist(nobody.pw_name, nobody.pw_gid))
    assert found == {"Uid": {nobody.pw_uid}, "Gid": {nobody.pw_gid}, "Groups": groups}


@ROOT_ALONE
def test_command_for_root_is_still_run_by_root(folder: Path, nobody: pwd.struct_passwd) -> None:
    answer = become(folder, nobody)
    found = ids(answer["ids"]["root"])
    assert (found["Uid"], found["Gid"]) == ({0}, {0})
    assert answer["shown"] == "sudo update", "as the user would type it"


@ROOT_ALONE
@pytest.mark.parametrize("uid", ["4000000000", "me"])
def test_a_user_that_nobody_has_is_named_not_a_traceback(folder: Path, uid: str) -> None:
    env = environment(folder, SUDO_UID=uid, SUDO_GID=uid)
    done = subprocess.run(
        python("import sys; from certs.cli import main; sys.exit(main(['status']))"),
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith("certs: "), done.stderr
    assert f"SUDO_UID is '{uid}'" in done.stderr
