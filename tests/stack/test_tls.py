"""The TLS that nginx speaks, and the leaf it shows to whom."""

from __future__ import annotations

import socket
import ssl

import pytest
from cryptography import x509

from tests.support.running import Running


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
