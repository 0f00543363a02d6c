"""The system's store: plans and checks for every layout."""

from __future__ import annotations

import os
import re

import pytest

from tests.support import system_stores
from tests.support.system_stores import (
    ALPINE,
    ANCHORS,
    ARCH,
    BUNDLES,
    DEBIAN,
    FEDORA,
    FRESH,
    RUNNER,
    SUSE,
    TOOLS,
    UPDATES,
    Layout,
)
from trust.commands import NeedsRootError, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence

IDS = pytest.mark.parametrize("name", [DEBIAN, FEDORA, ARCH, SUSE, ALPINE])
this_machine_is_left_alone = system_stores.this_machine_is_left_alone
root, other = system_stores.root, system_stores.other
machine = system_stores.machine


# The plans


@IDS
def test_plan_to_trust_installs_the_anchor_and_updates(
    machine: Layout, root: Root, name: str
) -> None:
    store = machine.distribution(name)
    anchor = f"/{ANCHORS[name]}/wss-stack-{root.sha256[:8]}.crt"
    assert machine.argvs(store.install_plan(root)) == [
        f"install -D -m 0644 {root.path} {anchor}",
        f"/{TOOLS[name]}{UPDATES.get(name, '')}",
    ]
    assert (store.kind, store.place) == ("system", str(machine.fs / ANCHORS[name]))
    assert name.split("-")[0].removeprefix("open") in store.title.lower()


@IDS
def test_plan_to_forget_finds_the_anchor_by_what_it_holds(
    machine: Layout, root: Root, other: Root, name: str
) -> None:
    store = machine.distribution(name)
    machine.put(ANCHORS[name], "old-name.crt", root)
    machine.put(ANCHORS[name], "wss-stack-12345678.crt", other)
    machine.put(ANCHORS[name], "bundle-of-theirs.crt", other, root)
    machine.put(ANCHORS[name], f"wss-stack-{root.sha256[:8]}.crt", root)
    folder = f"/{ANCHORS[name]}"
    assert machine.argvs(store.removal_plan(root)) == [
        f"rm -f -- {folder}/old-name.crt {folder}/wss-stack-{root.sha256[:8]}.crt",
        f"/{TOOLS[name]}{FRESH.get(name, '')}",
    ]


def test_plan_to_forget_a_root_that_is_not_there_is_empty(
    machine: Layout, root: Root, other: Root
) -> None:
    store = machine.distribution(DEBIAN)
    machine.put(ANCHORS[DEBIAN], "other.crt", other)
    machine.bundle(other)
    assert store.removal_plan(root) == ()


def test_an_anchor_deleted_by_hand_leaves_the_bundle_to_forget(machine: Layout, root: Root) -> None:
    store = machine.distribution(DEBIAN)
    machine.bundle(root)
    assert machine.argvs(store.removal_plan(root)) == ["/usr/sbin/update-ca-certificates --fresh"]


@pytest.mark.parametrize("id_like", ["debian", "ubuntu debian", "arch"])
def test_the_layout_that_is_there_decides(machine: Layout, id_like: str) -> None:
    (machine.fs / ANCHORS[FEDORA]).mkdir(parents=True)
    (machine.fs / "etc/os-release").write_text(f"ID=own\nID_LIKE='{id_like}'\n")
    (store,) = machine.find()
    assert store.place == str(machine.fs / ANCHORS[FEDORA])


def test_layout_of_the_distribution_decides_between_two(machine: Layout) -> None:
    (machine.fs / ANCHORS[FEDORA]).mkdir(parents=True)
    assert machine.distribution(DEBIAN).place == str(machine.fs / ANCHORS[DEBIAN])


def test_an_unknown_machine_has_no_store_of_this_kind(machine: Layout) -> None:
    assert list(machine.find()) == []


# What is checked


@IDS
def test_the_certificate_in_the_bundle_is_what_counts(
    machine: Layout, root: Root, other: Root, name: str
) -> None:
    store = machine.distribution(name)
    assert store.state(root, RUNNER) == ABSENT
    machine.put(ANCHORS[name], f"wss-stack-{root.sha256[:8]}.crt", root)
    assert store.state(root, RUNNER) == ABSENT, "no program reads the anchor"
    machine.bundle(other)
    assert store.state(root, RUNNER) == ABSENT
    machine.bundle(other, root)
    assert store.state(root, RUNNER) == TRUSTED


def test_a_bundle_written_in_other_lines_is_the_same(machine: Layout, root: Root) -> None:
    store = machine.distribution(DEBIAN)
    begin, body, end = re.split(r"(?<=E-----)\n|\n(?=-----END)", root.pem.strip())
    joined = body.replace("\n", "")
    (machine.fs / BUNDLES[DEBIAN]).parent.mkdir(parents=True)
    damaged = f"{begin}\n????\n{end}\n"
    (machine.fs / BUNDLES[DEBIAN]).write_text(f"{damaged}{begin}\r\n{joined}\r\n{end}")
    assert store.state(root, RUNNER).presence is Presence.TRUSTED


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        (FEDORA, "etc/pki/ca-trust/source/blocklist"),
        (SUSE, "etc/pki/trust/blocklist"),
        (ARCH, "etc/ca-certificates/trust-source/blocklist"),
        (FEDORA, "etc/pki/ca-trust/source/blacklist"),
    ],
)
def test_distrusted_root_is_not_trusted(
    machine: Layout, root: Root, name: str, folder: str
) -> None:
    store = machine.distribution(name)
    machine.bundle(root)
    path = machine.put(folder, "no.pem", root)
    state = store.state(root, RUNNER)
    assert state.presence is Presence.ABSENT
    assert state.why == f"it is distrusted on this machine: {path} holds it"
    assert f"rm {path}" in state.fix  # after sudo, or within su -c


@pytest.mark.parametrize(
    ("name", "tool", "package"),
    [
        (DEBIAN, "update-ca-certificates", "apt-get install ca-certificates"),
        (ALPINE, "update-ca-certificates", "apk add ca-certificates"),
        (FEDORA, "update-ca-trust", "dnf install ca-certificates"),
        (ARCH, "trust", "pacman -S p11-kit"),
        (SUSE, "update-ca-certificates", "zypper install ca-certificates"),
    ],
)
@pytest.mark.parametrize("anchors", [True, False])
def test_a_missing_tool_is_named_with_its_package(
    machine: Layout, root: Root, name: str, tool: str, package: str, anchors: bool
) -> None:
    store = machine.distribution(name, tool=False, anchors=anchors)
    state = store.state(root, RUNNER)
    assert state.presence is Presence.UNAVAILABLE
    assert state.why.startswith(f"{tool} is not installed")
    assert package in state.fix


def test_command_for_root_is_said_to_a_plain_user(
    machine: Layout, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine.distribution(DEBIAN)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    without_sudo = Runner({"PATH": str(machine.fs)}, interactive=False)
    with pytest.raises(NeedsRootError, match=r"needs root: .*install -D -m 0644 "):
        without_sudo.run(store.install_plan(root)[0])
