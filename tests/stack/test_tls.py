"""The TLS that nginx speaks, and the leaf it shows to whom."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess

import pytest
from cryptography import x509

from certs.dotenv import CHECKOUT
from stack.local import nginx
from tests.support import programs
from tests.support.running import Running

SSLYZE = CHECKOUT / ".venv-scan" / "bin" / "sslyze"


def connect(stack: Running, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", stack.https_port), timeout=10)
    return context.wrap_socket(plain, server_hostname="localhost")


def served(stack: Running, host: str | None) -> x509.Certificate:
    with stack.tls_socket(host) as connection:
        der = connection.getpeercert(binary_form=True)
    assert der
    return x509.load_der_x509_certificate(der)


def sans(leaf: x509.Certificate) -> set[str]:
    extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}


def test_client_that_names_a_host_gets_names_only(stack: Running) -> None:
    assert sans(served(stack, "localhost")) == {"localhost", "api.localhost", "*.app.localhost"}


def test_client_that_connects_by_address_gets_names_and_addresses(stack: Running) -> None:
    names = {"localhost", "api.localhost", "*.app.localhost", "127.0.0.1", "::1"}
    assert sans(served(stack, None)) == names


def test_a_host_that_is_not_in_the_leaf_does_not_verify(stack: Running) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        stack.tls_socket("other.localhost")


def test_leaf_does_not_verify_without_the_root(stack: Running) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(stack, ssl.create_default_context())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_tls_versions_are_spoken(stack: Running, version: ssl.TLSVersion) -> None:
    context = stack.tls
    context.minimum_version = context.maximum_version = version
    with connect(stack, context) as connection:
        assert connection.version() == version.name.replace("_", ".")


def test_older_tls_version_is_refused(stack: Running) -> None:
    context = stack.tls
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # At OpenSSL's default level this end would not offer it either.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|protocol version"):
        connect(stack, context)


def test_weak_cipher_is_refused(stack: Running) -> None:
    context = stack.tls
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:AES128-GCM-SHA256")
    with pytest.raises(ssl.SSLError, match=r"HANDSHAKE_FAILURE|handshake failure"):
        connect(stack, context)


@pytest.mark.parametrize("offered", [["h2", "http/1.1"], ["http/1.1"]])
def test_http2_is_on_where_nginx_is_current(stack: Running, offered: list[str]) -> None:
    context = stack.tls
    context.set_alpn_protocols(offered)
    with connect(stack, context) as connection:
        chosen = "h2" if stack.http2 and "h2" in offered else "http/1.1"
        assert connection.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_session_is_resumed(stack: Running, version: ssl.TLSVersion) -> None:
    context = stack.tls
    context.maximum_version = version
    with connect(stack, context) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(1)  # tickets of TLS 1.3 come with the first answer
        session = connection.session
    plain = socket.create_connection(("127.0.0.1", stack.https_port), timeout=10)
    with context.wrap_socket(plain, server_hostname="localhost", session=session) as again:
        assert not again.session_reused


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_group_of_todays_clients_is_taken(stack: Running, group: str) -> None:
    assert shaken(stack, group)


@pytest.mark.parametrize("group", ["X448", "P-521", "ffdhe2048"])
def test_other_group_is_refused(stack: Running, group: str) -> None:
    assert not shaken(stack, group)


def shaken(stack: Running, group: str) -> bool:
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{stack.https_port}", "-groups", group],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "CONNECTED" in done.stdout
    assert ("New, TLSv1.3" in done.stdout) == (done.returncode == 0), done.stdout
    return done.returncode == 0


def test_post_quantum_group_comes_first_where_the_library_knows_it(stack: Running) -> None:
    if stack.mode == "docker":
        program, root = programs.source("tls_group.py"), stack.root.read_text()
        found = stack.compose("exec", "-T", "app", "python", "-c", program, root).strip()
        assert found in ("X25519MLKEM768", "0x11ec")
    else:
        first = nginx.find(stack.settings.nginx).tls_groups.split(":")[0]
        written = (stack.folder / "run" / "nginx-conf" / "conf.d" / "tls.conf").read_text()
        assert f"ssl_ecdh_curve {first}:" in written


def test_sslyze_finds_mozillas_intermediate_profile(stack: Running) -> None:
    if not SSLYZE.exists():
        pytest.skip("no sslyze: make .venv-scan/made")
    done = subprocess.run(
        [SSLYZE, "--mozilla_config=intermediate", f"127.0.0.1:{stack.https_port}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "COMPLIANCE AGAINST TLS CONFIGURATION" in done.stdout, done.stdout + done.stderr
    # It asks the public roots; that clients with this one verify the leaf is in other tests.
    assert re.findall(r"^ +\* (\w+): ", done.stdout.partition("COMPLIANCE")[2], re.MULTILINE) == [
        "certificate_path_validation"
    ]
    for line in ("Heartbleed: *\n *OK", "ROBOT Attack: *\n *OK", "Renegotiation DoS Attack: *OK"):
        assert re.search(line, done.stdout), done.stdout
