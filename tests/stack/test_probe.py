"""What the trust page, on plain HTTP, may open: the probe, and nothing else."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus

from certs.dotenv import CHECKOUT
from tests.support.asking import ask
from tests.support.probes import PROBE
from tests.support.running import Running

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def page(stack: Running, host: str = "localhost") -> str:
    return f"http://{host}:{stack.http_port}"


def test_probe_answers_a_client_that_verified_the_certificate(stack: Running) -> None:
    response, _ = ask(stack, PROBE)
    assert response.status == 204
    assert response.getheader("Cache-Control") == "no-store"


@pytest.mark.parametrize("host", ["localhost", "api.localhost"])
def test_trust_page_may_open_the_probe_and_gets_an_echo(stack: Running, host: str) -> None:
    with stack.connect(PROBE, host=host, origin=page(stack, host)) as client:
        client.send("is it trusted?")
        assert client.recv(timeout=10) == "is it trusted?"


def test_trust_page_at_a_name_with_a_dot_may_open_the_probe(stack: Running) -> None:
    with stack.connect(PROBE, origin=page(stack, "localhost.")) as client:
        client.send("is it trusted?")
        assert client.recv(timeout=10) == "is it trusted?"


def test_page_of_another_origin_may_not_ask_the_probe(stack: Running) -> None:
    origins = [
        "https://evil.example",
        "null",
        f"https://localhost:{stack.http_port}",
        "http://localhost",
        f"{page(stack)}0",
        page(stack, "api.localhost"),  # that page has a probe of its own
        f"{page(stack)} {page(stack)}",
    ]
    for origin in origins:
        with pytest.raises(InvalidStatus) as refused, stack.connect(PROBE, origin=origin):
            pass
        assert refused.value.response.status_code == 403, origin


@pytest.mark.parametrize("path", ["/ws", "/sockets", "/", "/.wss-stack/probe/", "/x/../ws"])
def test_the_trust_page_may_open_nothing_else(stack: Running, path: str) -> None:
    response, _ = ask(stack, path, {**HANDSHAKE, "Origin": page(stack)})
    assert response.status == 403


def test_app_of_the_users_is_not_opened_by_the_probe(own: Running) -> None:
    # It would answer 404 itself.
    own.up(APP="apps:plain", APP_DIR=str(CHECKOUT / "tests" / "support"), RELOAD="0")
    response, _ = ask(own, PROBE, {**HANDSHAKE, "Origin": page(own)})
    assert response.status == 204
