"""Any server behind nginx: in the app's place, and several at once."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import InvalidStatus

from stack.base import StackError
from tests.support.asking import ask
from tests.support.ports import free_port
from tests.support.running import Running
from tests.support.servers import somebodys_server
from tests.support.upstreams import bound, reached


def test_a_server_in_the_apps_place(own: Running) -> None:
    with somebodys_server("theirs", bound(own.mode)) as port:
        own.up(UPSTREAM=reached(own.mode, port))
        forged = {"Forwarded": "host=evil.example", "X-Forwarded-Port": "1"}
        smuggled = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"}
        told = json.loads(ask(own, "/any/path", {**forged, **smuggled})[1])
        assert told["name"] == "theirs"
        assert not {**forged, **smuggled}.keys() & told["headers"].keys()
        assert told["headers"]["X-Forwarded-Proto"] == "https"
        assert told["headers"]["Host"] == f"localhost:{own.https_port}"
        with own.connect("/") as client:
            client.send("hello")
            assert client.recv(timeout=10) == "theirs: 'hello'"
        assert [service.name for service in own.stack.status()] == ["certs", "nginx"]


def test_nginx_keeps_foreign_origins_out_of_any_server(own: Running) -> None:
    with somebodys_server("theirs", bound(own.mode)) as port:
        friends = ("https://friend.example", "http://[::1]:5173")
        own.up(UPSTREAM=reached(own.mode, port), ALLOWED_ORIGINS=", ".join(friends))
        for friend in friends:
            with own.connect("/", origin=friend) as client:
                client.send("in")
                assert client.recv(timeout=10) == "theirs: 'in'"
        with (
            pytest.raises(InvalidStatus) as refused,
            own.connect("/", origin="https://evil.example"),
        ):
            pass
        assert refused.value.response.status_code == 403
        assert ask(own, "/", {"Host": "evil.example"})[0].status == 421


def test_several_servers_answer_behind_one_nginx(own: Running) -> None:
    where = bound(own.mode)
    with somebodys_server("api", where) as api, somebodys_server("wild", where) as wild:
        api_site = f"api.localhost={reached(own.mode, api)}"
        own.up(SITES=f"{api_site} *.dev.localhost={reached(own.mode, wild)}")
        for host, name in (("api.localhost", "api"), ("x.dev.localhost", "wild")):
            # Verified: the leaf has the names too.
            with own.connect("/", host=host) as client:
                client.send("hello")
                assert client.recv(timeout=10) == f"{name}: 'hello'"
        with own.connect("/ws") as client:
            client.send("the app is there as before")
            assert client.recv(timeout=10) == "the app is there as before"


def test_app_is_back_after_an_upstream(own: Running) -> None:
    with somebodys_server("theirs", bound(own.mode)) as port:
        own.up(UPSTREAM=reached(own.mode, port))
        assert own.up() is True
    with own.connect("/ws") as client:
        client.send("again")
        assert client.recv(timeout=10) == "again"
    assert [service.name for service in own.stack.status()] == ["certs", "app", "nginx"]


def test_an_upstream_that_does_not_answer_is_named(
    own: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.ready.DEADLINE", 8.0)
    upstream = reached(own.mode, free_port())
    with pytest.raises(StackError, match=f"UPSTREAM {upstream} does not answer"):
        own.up(UPSTREAM=upstream)
