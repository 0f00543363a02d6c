"""/handshake: what the server saw, of a plain request and of a WebSocket."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.serving import HOST, Served, served

# As nginx adds them.
FROM_NGINX = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "localhost:8443",
    "X-Real-IP": "192.0.2.7",
    "X-Request-ID": "abc",
    "X-HTTP-Version": "HTTP/2.0",
    "X-TLS-Version": "TLSv1.3",
    "X-TLS-Cipher": "TLS_AES_128_GCM_SHA256",
    "X-TLS-Group": "X25519",
}


@pytest.fixture(scope="module")
def client() -> Iterator[Served]:
    with served() as client:
        yield client


def test_a_plain_request_is_told_what_was_seen_of_it(client: Served) -> None:
    answer = client.get("/handshake", FROM_NGINX)
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.body) == {
        "scheme": "https",
        "host": "localhost:8443",
        "path": "/handshake",
        "client": "192.0.2.7",
        "http_version": "HTTP/2.0",
        "http_version_to_app": "HTTP/1.1",
        "tls": {"version": "TLSv1.3", "cipher": "TLS_AES_128_GCM_SHA256", "group": "X25519"},
        "request_id": "abc",
        "origin": None,
        "forwarded": {
            "x-forwarded-for": "192.0.2.7",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "localhost:8443",
            "x-real-ip": "192.0.2.7",
        },
        "websocket": None,
    }


def test_a_websocket_is_told_in_one_message_and_closed(client: Served) -> None:
    asked = {"Sec-WebSocket-Extensions": "x-one; a=1, x-other"}
    options = {"origin": "https://localhost:8443", "compression": None}
    with client.connect(
        "/handshake", subprotocols=["chat", "v2"], additional_headers=asked, **options
    ) as socket:
        seen = json.loads(socket.recv(timeout=10))
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=10)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1000
    assert socket.subprotocol == "chat"
    assert seen["origin"] == "https://localhost:8443"
    assert seen["websocket"]["subprotocols"] == ["chat", "v2"]
    assert seen["websocket"]["extensions"] == ["x-one; a=1", "x-other"]


def test_connection_without_tls_in_front_is_shown_as_plain_http(client: Served) -> None:
    seen = json.loads(client.get("/handshake").body)
    assert (seen["tls"], seen["scheme"], seen["host"]) == (None, "http", HOST)


@pytest.mark.parametrize("path", ["/ws", "/sockets"])
def test_an_echo_speaks_the_first_subprotocol_that_is_asked_for(client: Served, path: str) -> None:
    # With none chosen, a browser fails the connection.
    with client.connect(path, subprotocols=["graphql-ws", "other"]) as socket:
        assert socket.subprotocol == "graphql-ws"
    with client.connect(path) as socket:
        assert socket.subprotocol is None
