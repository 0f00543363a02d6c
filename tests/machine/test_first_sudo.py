"""sudo make certs as the first thing that somebody types: it is theirs all the same.

One story, in the order of this file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.support.machine import Machine, Snapshot
from tests.support.users_in_machine import User, user

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def sue(stack: Machine, second: str, before: Snapshot) -> Iterator[User]:
    with user(stack, "sue", second) as made:
        yield made


@pytest.fixture(scope="module")
def certs(stack: Machine, sue: User) -> Done:
    return by_sudo(stack, sue, "certs")


def by_sudo(machine: Machine, who: User, target: str) -> Done:
    command = ("sudo", "make", target, *who.settings)
    return machine.run(*command, user=who.name, cwd=who.tree, check=False)


def test_first_run_with_sudo_proves_every_client(certs: Done) -> None:
    assert certs.returncode == 0, certs.stdout + certs.stderr
    for client in ("curl", "java", "chromium", "firefox"):
        assert [line for line in certs.stdout.lower().splitlines() if client in line], client


def test_the_authority_is_theirs_and_root_has_none(stack: Machine, sue: User, certs: Done) -> None:
    authority = f"{sue.ca_home}/authority.pem"
    assert stack.find(authority, "-user", sue.name, "-perm", "0600") == [authority]
    assert stack.find("/root", "-name", "authority.pem") == []


def test_home_of_the_user_has_no_file_of_roots(stack: Machine, sue: User, certs: Done) -> None:
    assert stack.find(sue.home, "-user", "root") == []


def test_run_without_sudo_goes_on_with_the_same_root(
    stack: Machine, sue: User, certs: Done
) -> None:
    root = stack.root(sue.ca_home)
    done = stack.run("make", "certs", *sue.settings, user=sue.name, cwd=sue.tree, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "trusted now" not in done.stdout
    assert stack.root(sue.ca_home) == root


def test_sudo_make_untrust_takes_it_back(
    stack: Machine, sue: User, certs: Done, before: Snapshot
) -> None:
    done = by_sudo(stack, sue, "untrust")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.find(sue.home, "-user", "root") == []
    assert stack.snapshot().changes(before) == []
