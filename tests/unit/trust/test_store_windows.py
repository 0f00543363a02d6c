"""The plans for Windows and WSL, as data: no Windows could be reached to run them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import Permitted
from trust.commands import CommandError, Result, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store
from trust.stores.windows import find

CERTUTIL = "certutil.exe"
PLAIN = "5.15.167.4-generic"
WSL = "5.15.167.4-microsoft-standard-WSL2"


class Windows(Runner):
    """A certutil.exe that answers what it is told, and notes the questions."""

    def __init__(self, answer: Result | CommandError | None = None, path: str = "") -> None:
        super().__init__({"PATH": path}, interactive=False)
        self.asked: list[Sequence[str]] = []
        self._answer = answer

    def look(self, *argv: str, timeout: float = 30.0, stdin: bytes = b"") -> Result:
        self.asked.append(argv)
        if isinstance(self._answer, CommandError):
            raise self._answer
        assert self._answer
        return self._answer


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    path = tmp_path_factory.mktemp("root") / "the root.pem"
    path.write_bytes(authority.mint(Permitted(), "ada@engine").root_pem())
    return Root.read(path)


def _program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _linux(fs: Path, kernel: str) -> Path:
    release = fs / "proc/sys/kernel/osrelease"
    release.parent.mkdir(parents=True)
    release.write_text(f"{kernel}\n")
    return fs


@pytest.fixture
def wsl(tmp_path: Path) -> Store:
    tool = _program(tmp_path / "bin" / CERTUTIL, "exit 3")
    (store,) = find({}, Windows(path=str(tool.parent)), _linux(tmp_path, WSL))
    return store


def _hash(root: Root) -> str:
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest()


def _listed(shown: str) -> Result:
    """As certutil -store prints a certificate."""
    return Result(0, f'Root "Trusted Root ..."\r\nCert Hash(sha1): {shown}\r\n', "")


@pytest.mark.parametrize("kernel", [PLAIN, WSL], ids=["Linux", "a container in WSL"])
def test_other_systems_have_no_windows(kernel: str, tmp_path: Path) -> None:
    assert find({}, Windows(), _linux(tmp_path, kernel)) == []


def test_linux_with_a_program_of_that_name_is_no_windows(tmp_path: Path) -> None:
    tool = _program(tmp_path / "bin" / CERTUTIL, "exit 3")
    assert find({}, Windows(path=str(tool.parent)), _linux(tmp_path, PLAIN)) == []


def test_system_without_a_proc_is_no_wsl(tmp_path: Path) -> None:
    assert find({}, Windows(), tmp_path) == []


def test_store_is_the_users(wsl: Store) -> None:
    assert (wsl.kind, wsl.place) == ("windows", r"CurrentUser\Root")
    assert wsl.title == "Windows (from WSL)"


def test_sudo_takes_windows_from_path_and_it_is_found_all_the_same(
    tmp_path: Path, root: Root
) -> None:
    away = _program(tmp_path / "mnt/c/Windows/System32" / CERTUTIL, "exit 3")
    (store,) = find({}, Windows(), _linux(tmp_path, WSL))
    assert str(away) in store.install_plan(root)[0].argv
    assert store.removal_plan(root)[0].argv[0] == str(away)


def test_certificate_is_deleted_from_the_users_store_by_its_hash(wsl: Store, root: Root) -> None:
    (add,), (delete,) = wsl.install_plan(root), wsl.removal_plan(root)
    assert delete.argv[0].endswith(CERTUTIL)
    assert list(delete.argv[1:]) == ["-delstore", "-user", "Root", _hash(root)]
    for command in (add, delete):
        assert not command.root
        assert command.timeout >= 120  # a window waits for a yes meanwhile


def test_file_is_named_to_windows_as_windows_names_it(
    wsl: Store, root: Root, tmp_path: Path
) -> None:
    """The plan is run, with a certutil.exe and a wslpath that only note and answer."""
    note = tmp_path / "note"
    _program(tmp_path / "bin" / CERTUTIL, f"""printf '%s\\n' "$@" > {note}""")
    _program(tmp_path / "bin/wslpath", r"""printf '\\\\wsl.localhost\\Debian%s: %s\n' "$2" "$1" """)
    (command,) = wsl.install_plan(root)
    Runner({"PATH": f"{tmp_path}/bin:{os.defpath}"}, interactive=False).run(command)
    named = rf"\\wsl.localhost\Debian{root.path}: -w"
    assert note.read_text().splitlines() == ["-addstore", "-user", "Root", named]
    assert not command.root


def test_a_wslpath_that_fails_adds_nothing(wsl: Store, root: Root, tmp_path: Path) -> None:
    note = tmp_path / "note"
    _program(tmp_path / "bin" / CERTUTIL, f"touch {note}")
    _program(tmp_path / "bin/wslpath", "echo 'wslpath: no' >&2; exit 1")
    (command,) = wsl.install_plan(root)
    with pytest.raises(CommandError, match="wslpath: no"):
        Runner({"PATH": f"{tmp_path}/bin:{os.defpath}"}, interactive=False).run(command)
    assert not note.exists()


def test_certificate_is_asked_for_by_its_hash(wsl: Store, root: Root) -> None:
    runner = Windows(_listed(_hash(root)))
    assert wsl.state(root, runner) == TRUSTED
    (asked,) = runner.asked
    assert list(asked) == [CERTUTIL, "-store", "-user", "Root", _hash(root)]


def test_the_hash_in_pairs_is_the_same(wsl: Store, root: Root) -> None:
    pairs = bytes.fromhex(_hash(root)).hex(" ").upper()
    assert wsl.state(root, Windows(_listed(pairs))) == TRUSTED


# 17: what the shell in WSL is left with of Windows' exit code 0x80090011.
@pytest.mark.parametrize("code", [17, -2146893807])
def test_certificate_that_is_not_found_is_absent(code: int, wsl: Store, root: Root) -> None:
    said = "CertUtil: -store command FAILED: 0x80090011 (-2146893807 NTE_NOT_FOUND)\r\n"
    assert wsl.state(root, Windows(Result(code, said, ""))) == ABSENT


def test_another_certificate_is_absent(wsl: Store, root: Root) -> None:
    assert wsl.state(root, Windows(_listed("ab" * 20))) == ABSENT


def test_any_other_failure_is_said(wsl: Store, root: Root) -> None:
    said = "CertUtil: -store command FAILED: 0x80070005\r\nCertUtil: Access is denied.\r\n"
    state = wsl.state(root, Windows(Result(5, said, "")))
    fix = "certutil.exe -store -user Root"
    assert state == State(Presence.UNAVAILABLE, "CertUtil: Access is denied.", fix)


def test_a_wsl_that_cannot_start_windows_programs_is_unavailable(wsl: Store, root: Root) -> None:
    state = wsl.state(root, Windows(CommandError("Exec format error")))
    assert state.presence is Presence.UNAVAILABLE
    assert state.why.startswith("Exec format error")
    assert state.fix == "in PowerShell: wsl --shutdown"
