"""Java's keystores: changed by a real keytool, in copies."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import Permitted
from tests.support import jvms, keystores
from tests.support.keystores import KEYTOOL, RUNNER, entries, keytool
from trust.commands import Command, for_root
from trust.root import Root
from trust.stores import java
from trust.stores.base import ABSENT, TRUSTED, Presence, State

step_down = jvms.step_down

pytestmark = pytest.mark.programs

needs_java = pytest.mark.skipif(not KEYTOOL, reason="there is no keytool")
this_machine_is_left_alone = keystores.this_machine_is_left_alone


def _root(folder: Path, who: str) -> Root:
    path = folder / f"{who}.pem"
    path.write_bytes(authority.mint(Permitted(), who).root_pem())
    return Root.read(path)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return _root(tmp_path_factory.mktemp("root"), "Ada@Engine")


@pytest.fixture(scope="module")
def modern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Java has had it since 18: a PKCS12 without a password. One certificate."""
    folder = tmp_path_factory.mktemp("modern")
    plain = [f"-J-Dkeystore.pkcs12.{n}=NONE" for n in ("certProtectionAlgorithm", "macAlgorithm")]
    file = ("-file", str(_root(folder, "theirs").path), "-storetype", "pkcs12")
    keytool(folder / "cacerts", *plain, "-importcert", "-noprompt", "-alias", "theirs", *file)
    return folder / "cacerts"


@pytest.fixture
def cacerts(tmp_path: Path, modern: Path) -> Path:
    return Path(shutil.copyfile(modern, tmp_path / "cacerts"))


@pytest.fixture
def readable() -> Generator[Path]:
    """A folder that somebody else can look into: pytest's are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _store(path: Path) -> java.JavaStore:
    return java.JavaStore(path, "Java", Path(KEYTOOL or ""))


def _trust(store: java.JavaStore, root: Root) -> State:
    for command in store.install_plan(root):
        RUNNER.run(command)
    return store.state(root, RUNNER)


def _forget(store: java.JavaStore, root: Root) -> State:
    for command in store.removal_plan(root):
        RUNNER.run(command)
    return store.state(root, RUNNER)


@needs_java
def test_all_other_certificates_stay_as_they_were(tmp_path: Path, root: Root) -> None:
    """In a copy of what this machine's Java trusts."""
    home = Path(KEYTOOL or "").resolve().parent.parent
    path = Path(shutil.copyfile(home / "lib/security/cacerts", tmp_path / "cacerts"))
    before, store = entries(path), _store(path)
    assert store.state(root, RUNNER) == ABSENT
    assert _trust(store, root) == TRUSTED
    added = {alias: entry for alias, entry in entries(path).items() if before.get(alias) != entry}
    assert list(added) == [root.name.lower()]
    assert ssl.PEM_cert_to_DER_cert("\n".join(added[root.name.lower()][3:])) == root.der
    assert _forget(store, root) == ABSENT
    assert entries(path) == before


@needs_java
def test_any_alias_counts_and_every_one_is_forgotten(cacerts: Path, root: Root) -> None:
    """Debian's hook imports under an alias of its own, and leaves it there."""
    before, store = cacerts.read_bytes(), _store(cacerts)
    aliases = ["debian:wss-stack.pem", "debian:wss-stack_2.pem"]
    for alias in aliases:
        keytool(cacerts, "-importcert", "-noprompt", "-file", str(root.path), "-alias", alias)
    assert store.state(root, RUNNER) == TRUSTED
    _, *commands, _ = store.removal_plan(root)
    assert sorted(c.argv[c.argv.index("-alias") + 1] for c in commands) == aliases
    assert _forget(store, root) == ABSENT
    assert cacerts.read_bytes() == before


@needs_java
def test_another_root_of_this_project_is_not_this_one(
    cacerts: Path, tmp_path: Path, root: Root
) -> None:
    """And when both are gone, a keystore of today is what it was, byte for byte."""
    before, store = cacerts.read_bytes(), _store(cacerts)
    older = _root(tmp_path, "Ada@Engine")
    assert _trust(store, older) == TRUSTED
    assert store.state(root, RUNNER) == ABSENT
    assert _trust(store, root) == TRUSTED
    assert _forget(store, older) == ABSENT
    assert _forget(store, root) == ABSENT
    assert cacerts.read_bytes() == before


@needs_java
def test_a_key_with_the_root_in_its_chain_is_neither_trust_nor_deleted(tmp_path: Path) -> None:
    path, key = tmp_path / "keystore", ("-alias", "mine")
    keytool(path, "-genkeypair", "-dname", "CN=mine", "-keyalg", "EC", *key)
    keytool(path, "-exportcert", "-rfc", "-file", str(tmp_path / "own.pem"), *key)
    own, store = Root.read(tmp_path / "own.pem"), _store(path)
    assert store.state(own, RUNNER) == ABSENT
    assert store.removal_plan(own) == []


@needs_java
def test_another_password_is_said_with_the_command_that_fixes_it(
    tmp_path: Path, root: Root
) -> None:
    path = tmp_path / "cacerts"
    other = _root(tmp_path, "other")
    keytool(path, "-importcert", "-noprompt", "-file", str(other.path))
    keytool(path, "-storepasswd", "-new", "another1")
    before = path.read_bytes()
    state = _store(path).state(root, RUNNER)
    assert state.presence is Presence.UNAVAILABLE
    assert state.why.startswith(f"{path} has another password than changeit; ")
    assert path.read_bytes() == before
    # The password is theirs, and stays so: each command asks for it.
    for command in (state.fix, state.back):
        assert "-store" not in command
        run = ("sh", "-c", command)
        subprocess.run(run, input="another1\n", text=True, check=True, timeout=60)
        listed = keytool(path, "-list", word="another1")
        assert (root.name.lower() in listed) is (command == state.fix)


@needs_java
@pytest.mark.parametrize("content", ["", "no keystore"], ids=["empty", "damaged"])
def test_file_that_is_no_keystore_is_unavailable(content: str, tmp_path: Path, root: Root) -> None:
    (tmp_path / "cacerts").write_text(content)
    state = _store(tmp_path / "cacerts").state(root, RUNNER)
    assert state.presence is Presence.UNAVAILABLE
    assert not state.why.startswith("keytool error")
    assert "-list" in state.fix
    assert (tmp_path / "cacerts").read_text() == content


@needs_java
def test_keystore_is_replaced_as_a_whole(cacerts: Path, root: Root) -> None:
    """keytool writes into the file itself: on a full disk Java would be left without a root."""
    before, store = cacerts.stat().st_ino, _store(cacerts)
    copy = cacerts.with_name("cacerts.wss-stack")
    copy.touch()  # as a run that was killed would leave it
    assert _trust(store, root) == TRUSTED
    assert cacerts.stat().st_ino != before
    assert not copy.exists()
    assert _forget(store, root) == ABSENT
    copy.touch()
    assert [command.argv[0] for command in store.removal_plan(root)] == ["rm"]
    assert _forget(store, root) == ABSENT
    assert not copy.exists()


@needs_java
@pytest.mark.skipif(os.getuid() != 0, reason="only root can have a folder of root's")
def test_keystore_in_a_folder_of_root_is_changed_without_root(
    cacerts: Path, readable: Path, root: Root, step_down: Callable[[], None]
) -> None:
    path = Path(shutil.copyfile(cacerts, readable / "cacerts"))
    path.chmod(0o666)
    shown = Root.read(Path(shutil.copyfile(root.path, readable / "root.pem")))
    step_down()
    store = _store(path)
    assert [command.root for command in store.install_plan(shown)] == [False]
    assert _trust(store, shown) == TRUSTED


@needs_java
@pytest.mark.skipif(os.getuid() != 0, reason="only root can leave a file to root")
def test_the_user_looks_and_root_writes_where_the_user_may_not(
    cacerts: Path, readable: Path, root: Root, step_down: Callable[[], None]
) -> None:
    path = Path(shutil.copyfile(cacerts, readable / "cacerts"))
    shown = Root.read(Path(shutil.copyfile(root.path, readable / "root.pem")))
    path.chmod(0o644)
    before, store = path.read_bytes(), _store(path)
    assert not any(command.root for command in store.install_plan(shown))
    step_down()
    assert all(command.root for command in [*store.install_plan(shown), *store.removal_plan(shown)])
    assert for_root(str(store.install_plan(shown)[0]))
    assert _trust(store, shown) == TRUSTED
    assert _forget(store, shown) == ABSENT
    status = path.stat()
    assert (status.st_mode & 0o777, status.st_uid, path.read_bytes()) == (0o644, 0, before)


def test_unreadable_keystore_is_unavailable(
    readable: Path, root: Root, step_down: Callable[[], None]
) -> None:
    path = readable / "cacerts"
    path.touch(0o000)
    step_down()
    state = java.JavaStore(path, "Java", Path("/nowhere/keytool")).state(root, RUNNER)
    fix = str(Command(("chmod", "a+r", str(path)), root=True))
    assert state == State(Presence.UNAVAILABLE, f"{path} cannot be read", fix)


@needs_java
def test_a_read_only_file_system_is_not_planned_for(
    cacerts: Path, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((*range(8), os.ST_RDONLY, 9)))
    state = _store(cacerts).state(root, RUNNER)
    assert state.presence is Presence.UNAVAILABLE
    assert state.why == f"{cacerts} is on a read-only file system"
    assert "JAVA_HOME" in state.fix
    # What is there already needs no writing.
    assert _trust(_store(cacerts), root) == TRUSTED


def test_store_without_a_keytool_says_what_to_install(tmp_path: Path, root: Root) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text("ID=debian\n")
    state = java.JavaStore(tmp_path / "cacerts", "Java", None, tmp_path).state(root, RUNNER)
    assert state.presence is Presence.UNAVAILABLE
    assert "keytool is not installed" in state.why
    assert "install default-jre-headless" in state.fix  # where there is no sudo, in su's quotes


def test_the_alias_is_what_every_locale_can_say(tmp_path: Path) -> None:
    _, command, _ = _store(tmp_path / "cacerts").install_plan(_root(tmp_path, "Zoë@Çelik"))
    alias = command.argv[command.argv.index("-alias") + 1]
    assert re.fullmatch(r"wss-stack root [0-9a-f]{8} \(zo\?@\?elik\)", alias)
