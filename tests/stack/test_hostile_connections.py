"""TLS that no client should speak, and connections that take a share of the limits."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.frames import Opcode

from tests.support.frames import frame, receive, upgrade
from tests.support.hostile import case, record, rest, tcp, told
from tests.support.running import Running
from tests.support.steady import Seen

ALERT = b"\x15"  # a record's type (RFC 8446, section 5.1)
# What is sent in the place of TLS, the start of what comes back, and that in words.
NO_TLS = {
    "TLS record of 64 KiB": (b"\x16\x03\x01\xff\xff" + bytes(16), ALERT, "a TLS alert"),
    "TLS record of an unknown type": (b"\x99\x03\x01\x00\x10" + bytes(16), b"", "closed"),
    "ClientHello of SSL 2": (
        b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(37),
        ALERT,
        "a TLS alert",
    ),
    "greeting of SSH": (b"SSH-2.0-client\r\n", b"HTTP/1.1 400 ", told(400)),
}


@pytest.mark.parametrize("name", NO_TLS)
def test_what_is_no_tls_ends_its_own_connection(stack: Running, name: str) -> None:
    sent, start, words = NO_TLS[name]
    with tcp(stack) as raw:
        raw.sendall(sent)
        with contextlib.suppress(OSError):  # it is closed already
            raw.shutdown(socket.SHUT_WR)
        received = rest(raw)
    assert received.startswith(start)
    assert received or not start
    record(stack, name, words)


def test_connection_a_byte_at_a_time_is_served(stack: Running, neighbour: Seen) -> None:
    with (
        case(stack, neighbour, "TLS, handshake and frames a byte at a time", "served"),
        thin(stack) as plain,
        stack.tls.wrap_socket(plain, server_hostname="localhost") as raw,
    ):
        upgrade(raw)
        raw.sendall(frame(Opcode.TEXT, b"slow"))
        assert receive(raw) == (Opcode.TEXT, b"slow")


@contextlib.contextmanager
def thin(stack: Running) -> Iterator[socket.socket]:
    """A connection that carries what the client sends a byte at a time."""

    def up() -> None:
        while data := inner.recv(65536):
            for byte in data:
                server.sendall(bytes([byte]))
        server.shutdown(socket.SHUT_WR)

    def down() -> None:
        while data := server.recv(65536):
            inner.sendall(data)

    outer, inner = socket.socketpair()
    with outer, inner, tcp(stack) as server, ThreadPoolExecutor() as pool:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ways = [pool.submit(up), pool.submit(down)]
        yield outer
        outer.close()
        for way in ways:
            way.result()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_tls_is_refused(stack: Running, version: ssl.TLSVersion) -> None:
    context = stack.tls
    with pytest.warns(DeprecationWarning, match=version.name):
        context.minimum_version = version
    with pytest.warns(DeprecationWarning, match=version.name):
        context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # else this end would not offer it
    with pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|protocol version"):
        stack.tls_socket(context=context)
    record(stack, f"nothing newer than {version.name}", "TLS alert: protocol version")


def test_renegotiation_is_refused(stack: Running) -> None:
    """Python's ssl cannot ask for it. TLS 1.3 has none (RFC 8446, section 4.1.2)."""
    done = subprocess.run(
        ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{stack.https_port}"],
        input="R\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "New, TLSv1.2" in done.stdout
    assert "RENEGOTIATING" in done.stderr + done.stdout
    assert "no renegotiation" in done.stderr
    record(stack, "renegotiation in TLS 1.2", "TLS alert: no renegotiation")
