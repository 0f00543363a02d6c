"""What holds for clients whatever they are: they end, they are not misread, and no
setting of the user's turns a refusal into a pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import Servers, assert_refused, runner, serving
from tests.support.waiting import until
from trust.clients import (
    chromium,
    curl,
    firefox,
    java,
    javascript,
    openssl,
    processes,
    python,
    wget,
)
from trust.clients import find as clients
from trust.clients.base import Client, Proof, Target, Verdict, short
from trust.clients.wire import Conversation
from trust.commands import CommandError, Runner
from trust.stores import java as java_store

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("servers")) as running:
        yield running


def program(folder: Path, name: str, script: str) -> Runner:
    """A runner with this program before all others on PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    plain = runner(folder / "home")
    return runner(folder / "home", PATH=f"{folder}:{plain.env['PATH']}")


def only(found: object) -> Client:
    assert isinstance(found, list)
    (client,) = found
    return client  # type: ignore[no-any-return]


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("script", ["sleep 60 & echo $! >pid; wait", "echo $$ >pid; exec sleep 60"])
def test_client_that_hangs_is_ended_with_all_its_processes(tmp_path: Path, script: str) -> None:
    asked = runner(tmp_path)
    with pytest.raises(CommandError, match=r"sh did not end within 1 seconds"):
        processes.run(asked, ["sh", "-c", script], folder=tmp_path, timeout=1)
    pid = int((tmp_path / "pid").read_text())
    until(lambda: is_gone(pid), "its process to be gone")


def test_client_that_is_needed_no_more_is_ended(tmp_path: Path) -> None:
    asked = runner(tmp_path)
    with processes.started(asked, ["sh", "-c", "echo $$; cat"], folder=tmp_path) as client:
        client.write(b"more\n")
        assert client.until(lambda: client.out().endswith(b"\nmore\n"), 5)
        assert not client.ended()
        pid = int(client.out().split()[0])
    assert is_gone(pid)


def test_output_and_errors_of_a_client_are_kept_apart(tmp_path: Path) -> None:
    argv = ["sh", "-c", "echo out; echo first >&2; echo last >&2; exit 3"]
    ended = processes.run(runner(tmp_path), argv, folder=tmp_path)
    assert (ended.code, ended.out, ended.err) == (3, "out\n", "first\nlast\n")
    assert ended.words() == "last"
    assert ended.words("fir") == "first"
    silent = processes.run(runner(tmp_path), ["sh", "-c", "exit 4"], folder=tmp_path)
    assert silent.words() == "exit 4"


def test_folder_of_a_client_is_gone_afterwards(tmp_path: Path) -> None:
    with processes.scratch(tmp_path) as folder:
        ended = processes.run(runner(tmp_path), ["sh", "-c", "pwd; echo $TMPDIR"], folder=folder)
        assert ended.out == f"{folder}\n{folder}\n"
    assert not folder.exists()
    with pytest.raises(ZeroDivisionError), processes.scratch(tmp_path) as folder:
        raise ZeroDivisionError
    assert not folder.exists()


def test_client_that_is_not_there_cannot_be_checked(tmp_path: Path) -> None:
    path = str(tmp_path / "gone")
    found: list[Client] = [
        openssl.OpenSSL(path, ""),
        curl.Curl(path, ""),
        wget.Wget(path, "", True),
        python.Python(path, "", "ssl"),
        javascript.JavaScript("node", path, ""),
        java.Java(path, "21"),
    ]
    for client in found:
        proof = client.prove(Target(1), runner(tmp_path))
        assert proof == Proof(Verdict.UNKNOWN, f"{path} is not installed", "make doctor")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("cat >/dev/null", "it said nothing"),
        ("echo 'no idea' >&2; exit 7", "no idea"),
        ("echo 'HTTP/1.1 200 OK'", "verified, but the answer was HTTP/1.1 200 OK"),
    ],
)
def test_silence_or_anything_but_an_echo_is_not_a_pass(
    tmp_path: Path, script: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SECONDS", 0.3)
    for name, client in (("openssl", openssl.OpenSSL), ("curl", curl.Curl)):
        asked = program(tmp_path / name, name, script)
        proof = client(str(tmp_path / name / name), "").prove(Target(1), asked)
        assert (proof.verdict, proof.why) == (Verdict.FAIL, why)


def test_an_exit_of_zero_is_not_an_echo(tmp_path: Path) -> None:
    asked = program(tmp_path, "node", "echo v99.0.0")
    (node, *_) = javascript.find(asked.env, asked, Path("/"))
    assert node.prove(Target(1), asked).verdict is Verdict.FAIL


def test_settings_that_turn_verification_off_make_no_pass(tmp_path: Path, servers: Servers) -> None:
    (tmp_path / ".curlrc").write_text("insecure\n")
    (tmp_path / ".wgetrc").write_text("check_certificate = off\n")
    asked = runner(tmp_path, NODE_TLS_REJECT_UNAUTHORIZED="0")
    for find in (curl.find, wget.find, javascript.find):
        for client in find(asked.env, asked, Path("/")):
            assert_refused(client.prove(servers.good.target, asked))


def test_busybox_wget_cannot_be_checked(tmp_path: Path) -> None:
    asked = program(tmp_path, "wget", "echo 'BusyBox v1.37.0 multi-call binary.'; exit 1")
    proof = only(wget.find(asked.env, asked, Path("/"))).prove(Target(1), asked)
    assert proof.verdict is Verdict.UNKNOWN
    assert "does not verify" in proof.why
    assert "wget" in proof.fix


def test_an_openssl_without_the_options_cannot_be_checked(tmp_path: Path) -> None:
    asked = program(tmp_path, "openssl", "echo 'unknown option -verify_hostname' >&2; exit 1")
    proof = only(openssl.find(asked.env, asked, Path("/"))).prove(Target(1), asked)
    assert proof == Proof(Verdict.UNKNOWN, "unknown option -verify_hostname", "make doctor")


def test_libressl_which_looks_at_no_host_name_has_no_row(tmp_path: Path) -> None:
    asked = program(tmp_path, "openssl", "echo LibreSSL 3.3.6")
    assert openssl.find(asked.env, asked, Path("/")) == []


@pytest.mark.parametrize(
    ("said", "version", "why"),
    [
        ('openjdk version "1.8.0_442"', "1.8.0_442", "version 11 or later"),
        ('java version "9.0.4"', "9.0.4", "version 11 or later"),
        ('openjdk version "21" 2023-09-19', "21", "needs a JDK: "),
        ('openjdk version "24-ea" 2025-03-18', "24-ea", "needs a JDK: "),
    ],
)
def test_a_java_that_compiles_nothing_cannot_be_checked(
    tmp_path: Path, said: str, version: str, why: str
) -> None:
    lines = f"""[ "$1" = -version ] && echo '{said}' >&2 && exit
echo 'Exception in thread "main" java.lang.InternalError: Module jdk.compiler not in boot' >&2
echo '	at java.base/sun.launcher.LauncherHelper' >&2; exit 1"""
    asked = program(tmp_path, "java", lines)
    client = only(java.find({"PATH": str(tmp_path)}, asked, Path("/")))
    assert client.version == f"{version} ({tmp_path / 'java'})"
    proof = client.prove(Target(1), asked)
    assert proof.verdict is Verdict.UNKNOWN
    assert why in proof.why
    assert "jdk" in proof.fix or "javac" in proof.fix


def test_a_java_that_is_a_stub_is_none(tmp_path: Path) -> None:
    """As macOS has where there is none."""
    asked = program(tmp_path, "java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1")
    assert java.find({"PATH": str(tmp_path)}, asked, Path("/")) == []


def test_javas_of_java_home_and_path_are_found_once_each(tmp_path: Path) -> None:
    """Those whose keystores get the root: with a link to one, and a second JVM on PATH."""
    for jdk in ("jdk", "other"):
        asked = program(tmp_path / jdk / "bin", "java", "echo 'version \"17.0.1\"' >&2")
        keystore = tmp_path / jdk / "lib/security/cacerts"
        keystore.parent.mkdir(parents=True)
        keystore.touch()
    (tmp_path / "link").symlink_to(tmp_path / "jdk")
    env = {
        "JAVA_HOME": str(tmp_path / "link"),
        "PATH": f"{tmp_path / 'jdk/bin'}:{tmp_path / 'other/bin'}",
    }
    found = java.find(env, asked, tmp_path)
    assert [client.path for client in found] == [
        str(tmp_path / jdk / "bin/java") for jdk in ("jdk", "other")
    ]
    stores = [store.place for store in java_store.find(env, asked, tmp_path)]
    assert [client.keystore for client in found] == stores


def test_a_browser_needs_a_page(tmp_path: Path) -> None:
    browsers: list[Client] = [
        chromium.Chromium("x", "Chromium", ""),
        firefox.Firefox("x", "", None),
    ]
    for client in browsers:
        assert client.prove(Target(1), runner(tmp_path)).verdict is Verdict.UNKNOWN


def test_machine_without_clients_has_this_python_alone(tmp_path: Path) -> None:
    bare = Runner({"PATH": str(tmp_path), "HOME": str(tmp_path)}, interactive=False)
    assert {c.kind for c in clients.find_all(bare.env, bare, tmp_path)} <= {
        *("python", "httpx", "requests")
    }


def test_the_bytes_are_those_of_rfc_6455() -> None:
    conversation = Conversation(Target(8443), "Hello", "dGhlIHNhbXBsZSBub25jZQ==")
    head, _, rest = conversation.request().partition(b"\r\n")
    assert head == b"GET /ws HTTP/1.1"
    assert b"Host: localhost:8443\r\n" in rest
    # Sections 1.3 and 5.7.
    accept = (
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    )
    assert conversation.upgraded(accept)
    assert not conversation.upgraded(accept.replace(b"s3p", b"s3q"))
    assert conversation.reply() == bytes.fromhex("810548656c6c6f")
    frame = conversation.frame()
    assert frame[:2] == bytes.fromhex("8185")
    assert bytes(b ^ frame[2 + i % 4] for i, b in enumerate(frame[6:])) == b"Hello"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n  b\t c\n", "a b c"),
        ("", "it said nothing"),
        ("x" * 300, "x" * 197 + "..."),
    ],
)
def test_words_fit_a_row(text: str, line: str) -> None:
    assert short(text) == line
