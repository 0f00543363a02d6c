"""export --p12: one file with the key and the chain, as Java and .NET take it."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from certs import cli, leaf
from tests.support.certificates import assert_no_leftovers, environment, public

PASSWORD = leaf.P12_PASSWORD

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="there is no JDK")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")


@pytest.fixture
def keystore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["export", str(tmp_path / "pair"), "--p12"]) == 0
    return tmp_path / "pair" / "keystore.p12"


def run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


def test_keystore_has_the_key_and_chain_of_the_pair(keystore: Path) -> None:
    loaded = pkcs12.load_pkcs12(keystore.read_bytes(), PASSWORD.encode())
    chain = x509.load_pem_x509_certificates((keystore.parent / "fullchain.pem").read_bytes())
    key = load_pem_private_key((keystore.parent / "privkey.pem").read_bytes(), password=None)
    assert loaded.key
    assert public(loaded.key.public_key()) == public(key.public_key())
    assert loaded.cert
    assert loaded.cert.friendly_name == b"wss-stack"
    assert [loaded.cert.certificate, *(c.certificate for c in loaded.additional_certs)] == chain
    assert keystore.stat().st_mode & 0o777 == 0o600
    assert_no_leftovers(keystore.parent)


def test_keystore_is_written_only_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["export", str(tmp_path / "pair")]) == 0
    assert {path.name for path in (tmp_path / "pair").iterdir()} == {
        "fullchain.pem",
        "privkey.pem",
    }


def test_export_says_alias_and_password(keystore: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", str(keystore.parent), "--p12"]) == 0
    assert "keystore.p12 (secret) beside them; alias wss-stack, password changeit" in (
        capsys.readouterr().out
    )


@needs_openssl
def test_openssl_reads_the_keystore(keystore: Path) -> None:
    said = run("openssl", "pkcs12", "-in", str(keystore), "-passin", f"pass:{PASSWORD}", "-nodes")
    assert said.count("BEGIN CERTIFICATE") == 2
    assert said.count("BEGIN PRIVATE KEY") == 1


@needs_java
def test_keytool_lists_the_key_with_its_whole_chain(keystore: Path) -> None:
    said = run("keytool", "-J-Duser.language=en", "-list", "-v", "-storepass", PASSWORD,
               *("-keystore", str(keystore)))  # fmt: skip
    assert "Alias name: wss-stack" in said
    assert "Entry type: PrivateKeyEntry" in said
    assert "Certificate chain length: 2" in said


@needs_java
def test_server_in_java_serves_from_the_keystore(keystore: Path, checkout: Path) -> None:
    source = checkout / "tests" / "support" / "Server.java"
    trusting = ssl.create_default_context(cafile=keystore.parent.parent / "ca" / "root.pem")
    with subprocess.Popen(
        ["java", str(source), str(keystore), PASSWORD], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        try:
            port = int(server.stdout.readline())
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            with plain, trusting.wrap_socket(plain, server_hostname="localhost") as client:
                assert client.recv(100) == b"from Java"
        finally:
            server.kill()
