"""The plans for macOS, as data: no Mac could be reached to run them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import Permitted
from trust.commands import Result, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store
from trust.stores.macos import find


class Mac(Runner):
    """A `security` that answers from what it is told, and notes the questions."""

    def __init__(self, found: Result, verified: int = 1) -> None:
        super().__init__({}, interactive=False)
        self.asked: list[Sequence[str]] = []
        self._answers = {"find-certificate": found, "verify-cert": Result(verified, "", "")}

    def look(self, *argv: str, timeout: float = 30.0, stdin: bytes = b"") -> Result:
        self.asked.append(argv)
        return self._answers[argv[1]]


NOWHERE = Mac(Result(44, "", "security: SecKeychainSearchCopyNext: The specified item ..."))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    path = tmp_path_factory.mktemp("root") / "root.pem"
    path.write_bytes(authority.mint(Permitted(), "ada@engine").root_pem())
    return Root.read(path)


@pytest.fixture
def fs(tmp_path: Path) -> Path:
    for name in ("Library/Keychains/System.keychain", "ada/Library/Keychains/login.keychain-db"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def login(fs: Path) -> Store:
    (store,) = find({"HOME": str(fs / "ada")}, NOWHERE, fs)
    return store


@pytest.fixture
def system(fs: Path) -> Store:
    (store,) = find({"HOME": str(fs / "root")}, NOWHERE, fs)
    return store


def _hash(root: Root) -> str:
    return hashlib.sha1(root.der, usedforsecurity=False).hexdigest().upper()


def _listed(root: Root) -> Result:
    """As find-certificate -a -Z prints a certificate."""
    hashes = f"SHA-256 hash: {root.sha256.upper()}\nSHA-1 hash: {_hash(root)}\n"
    return Result(0, f'{hashes}keychain: "/Users/ada/Library/..."\nversion: 512\n', "")


def test_other_systems_have_no_keychain(tmp_path: Path) -> None:
    assert find({"HOME": str(tmp_path)}, NOWHERE, tmp_path) == []


def test_the_login_keychain_is_the_one_for_a_user(fs: Path, login: Store) -> None:
    assert login.kind == "macos"
    assert login.place == str(fs / "ada/Library/Keychains/login.keychain-db")
    assert login.title == "macOS login keychain"


@pytest.mark.parametrize("env", [{}, {"HOME": "/var/root"}, {"HOME": "{fs}/ada", "CI": "true"}])
def test_the_system_keychain_where_nobody_answers_a_window(env: dict[str, str], fs: Path) -> None:
    (store,) = find({n: v.format(fs=fs) for n, v in env.items()}, NOWHERE, fs)
    assert store.place == str(fs / "Library/Keychains/System.keychain")
    assert store.title == "macOS System keychain"


def test_the_login_keychain_is_written_without_root_and_for_tls_only(
    login: Store, root: Root
) -> None:
    (command,) = login.install_plan(root)
    policies = ["-r", "trustRoot", "-p", "ssl", "-p", "basic"]
    keychain = ["-k", login.place, str(root.path)]
    assert list(command.argv) == ["security", "add-trusted-cert", *policies, *keychain]
    assert not command.root
    assert command.timeout >= 120  # a password is typed meanwhile


def test_the_login_keychain_forgets_the_trust_and_then_the_certificate(
    login: Store, root: Root
) -> None:
    untrust, delete = login.removal_plan(root)
    assert list(untrust.argv) == ["security", "remove-trusted-cert", str(root.path)]
    assert list(delete.argv) == ["security", "delete-certificate", "-Z", _hash(root), login.place]
    assert not untrust.root
    assert not delete.root


def test_the_system_keychain_needs_root_and_the_admin_domain(system: Store, root: Root) -> None:
    commands = [*system.install_plan(root), *system.removal_plan(root)]
    assert [command.argv[1:3] for command in commands] == [
        ("add-trusted-cert", "-d"),
        ("remove-trusted-cert", "-d"),
        ("delete-certificate", "-Z"),
    ]
    assert all(command.root for command in commands)
    assert commands[0].argv[-2:] == (system.place, str(root.path))
    assert commands[2].argv[-1] == system.place


def test_root_is_looked_for_by_name_and_verified_offline(login: Store, root: Root) -> None:
    mac = Mac(_listed(root), verified=0)
    assert login.state(root, mac) == TRUSTED
    assert [list(argv) for argv in mac.asked] == [
        ["security", "find-certificate", "-a", "-Z", "-c", root.name, login.place],
        ["security", "verify-cert", "-l", "-L", "-R", "offline", "-c", str(root.path)],
    ]


def test_root_that_is_present_but_not_trusted_is_absent(login: Store, root: Root) -> None:
    assert login.state(root, Mac(_listed(root), verified=1)) == ABSENT


@pytest.mark.parametrize("found", [Result(44, "", "not found"), Result(0, "SHA-1 hash: AB\n", "")])
def test_root_without_its_hash_in_the_keychain_is_absent(
    found: Result, login: Store, root: Root
) -> None:
    assert login.state(root, Mac(found, verified=0)) == ABSENT


def test_a_keychain_that_does_not_answer_is_unavailable(login: Store, root: Root) -> None:
    why = "security: SecKeychainCopySettings: User interaction is not allowed."
    state = login.state(root, Mac(Result(36, "", f"{why}\n")))
    fix = f"security unlock-keychain {login.place}"
    assert state == State(Presence.UNAVAILABLE, why, fix)
