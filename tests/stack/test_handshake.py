"""/handshake through nginx: what the server saw, and nothing that a client made up."""

from __future__ import annotations

import http.client
import json
from typing import Any

from websockets.typing import Subprotocol

from tests.support.running import Running

FORGED = {
    "X-TLS-Version": "SSLv2",
    "X-TLS-Cipher": "NULL",
    "X-TLS-Group": "none",
    "X-HTTP-Version": "HTTP/9",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "203.0.113.9",
}


def ask(stack: Running, headers: dict[str, str]) -> dict[str, Any]:
    client = http.client.HTTPSConnection("localhost", stack.https_port, timeout=10)
    with stack.tls_socket() as client.sock:
        client.request("GET", "/handshake", headers=headers)
        seen: dict[str, Any] = json.loads(client.getresponse().read())
        return seen


def listen(stack: Running, **options: Any) -> dict[str, Any]:
    with stack.connect("/handshake", **options) as client:
        seen: dict[str, Any] = json.loads(client.recv(timeout=10))
        return seen


def test_handshake_tells_tls_and_http_as_they_were(stack: Running) -> None:
    with stack.tls_socket() as connection:
        cipher, version, _ = connection.cipher() or ("", "", 0)
    for seen in (ask(stack, {}), listen(stack)):
        assert (seen["tls"]["cipher"], seen["tls"]["version"]) == (cipher, version)
        assert seen["tls"]["group"]
        assert seen["http_version"] == "HTTP/1.1"
        assert seen["host"] == f"localhost:{stack.https_port}"
    assert ask(stack, {})["scheme"] == "https"
    assert listen(stack)["scheme"] == "wss"


def test_claims_of_a_client_about_its_connection_are_overwritten(stack: Running) -> None:
    for seen in (ask(stack, FORGED), listen(stack, additional_headers=FORGED)):
        told = json.dumps(seen)
        assert [claim for claim in FORGED.values() if f'"{claim}"' in told] == []
        assert seen["tls"]["version"].startswith("TLSv1.")


def test_a_websocket_is_told_what_it_asked_for(stack: Running) -> None:
    seen = listen(stack, subprotocols=[Subprotocol("chat"), Subprotocol("v2")], origin=stack.url)
    assert seen["origin"] == stack.url
    assert seen["websocket"]["subprotocols"] == ["chat", "v2"]
    assert seen["websocket"]["extensions"][0].startswith("permessage-deflate")


def test_request_id_of_the_handshake_is_the_one_in_the_log(stack: Running) -> None:
    assert stack.wait_for_log(listen(stack)["request_id"])
