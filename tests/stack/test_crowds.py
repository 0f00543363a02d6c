"""More connections than the stack takes: the words, the statuses, and who is still served."""

from __future__ import annotations

import contextlib
import http.client
import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.support.hostile import answer
from tests.support.running import Running


def refusal(own: Running) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as refused:
        own.connect()
    return refused.value


def echoes(client: ClientConnection) -> bool:
    client.send("still here")
    return client.recv(timeout=10) == "still here"


@pytest.mark.parametrize("setting", ["MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_ADDRESS"])
def test_connection_over_the_limit_is_refused_and_the_others_go_on(
    own: Running, setting: str
) -> None:
    own.up(**{setting: "3"})
    with contextlib.ExitStack() as opened:
        clients = [opened.enter_context(own.connect()) for _ in range(3)]
        response = refusal(own).response
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert setting in response.body.decode()
        assert "raise MAX_CONNECTIONS" in response.body.decode()
        assert all(map(echoes, clients))
        # The health check has a way in of its own, and the trust page is none of them.
        assert own.stack.status()
        assert all(service.ok for service in own.stack.status())
        assert trust_page(own) == 200
        clients[0].close()
        with own.connect() as next_one:
            assert echoes(next_one)
    assert "limiting connections" not in own.logs()  # the access log alone has each refusal


def trust_page(own: Running) -> int:
    client = http.client.HTTPConnection("127.0.0.1", own.http_port, timeout=10)
    with contextlib.closing(client):
        client.request("GET", "/", headers={"Host": "localhost"})
        return client.getresponse().status


def test_handshakes_over_the_rate_are_refused_with_429(own: Running) -> None:
    own.up(HANDSHAKES_PER_SECOND="1", MAX_CONNECTIONS="16384")  # the most that it takes
    refused = None
    with contextlib.ExitStack() as opened:
        clients = []
        for _ in range(20):  # one a second, five in a burst; make up has used one
            try:
                clients.append(opened.enter_context(own.connect()))
            except InvalidStatus as error:
                refused = error
                break
        assert len(clients) >= 5
        assert refused
        assert refused.response.status_code == 429
        assert refused.response.headers["Retry-After"] == "1"
        assert "raise HANDSHAKES_PER_SECOND" in refused.response.body.decode()
        assert all(map(echoes, clients))
        with own.tls_socket() as raw:  # other requests are no handshakes
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10)
            assert {answer(raw)[0] for _ in range(10)} == {200}
    assert "limiting requests" not in own.logs()
    request_id = refused.response.headers.get("X-Request-ID")
    line = own.wait_for_log('"status":429')
    logged = json.loads(line[line.index("{") :])
    assert logged["upgrade"] == "websocket"
    assert logged["request_id"]
    assert request_id in (None, logged["request_id"])
