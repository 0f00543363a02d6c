"""The AsyncAPI document describes the echo app as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import WebSocketRoute

from app import handshake
from app.main import app
from certs.dotenv import CHECKOUT
from tests.support.serving import Served, served

ASYNCAPI: dict[str, Any] = json.loads((CHECKOUT / "app/asyncapi.json").read_text())


@pytest.fixture(scope="module")
def client() -> Iterator[Served]:
    with served() as client:
        yield client


def test_document_is_served(client: Served) -> None:
    answer = client.get("/asyncapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == ASYNCAPI
    # A browser asks again, and shows no earlier version.
    assert answer.headers["cache-control"] == "no-cache"


def test_root_leads_to_the_console_and_is_not_remembered(client: Served) -> None:
    answer = client.get("/")
    assert (answer.status, answer.headers["location"]) == (307, "/.wss-stack/console/")
    assert answer.headers["cache-control"] == "no-store"


def test_the_document_has_a_channel_for_each_websocket_route() -> None:
    routes = {route.path for route in app.routes if isinstance(route, WebSocketRoute)}
    assert {channel["address"] for channel in ASYNCAPI["channels"].values()} == routes


def test_the_document_has_what_asyncapi_3_requires() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= ASYNCAPI["info"].keys()
    for server in ASYNCAPI["servers"].values():
        assert {"host", "protocol"} <= server.keys()
        assert set(re.findall(r"\{(\w+)\}", server["host"])) == server["variables"].keys()
    for operation in ASYNCAPI["operations"].values():
        assert operation["action"] in ("send", "receive")
        # Messages are those of the operation's own channel, by reference.
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")


def test_every_reference_in_the_document_leads_somewhere() -> None:
    found = list(references(ASYNCAPI))
    assert found
    for reference in found:
        place: Any = ASYNCAPI
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_describes_the_handshake_as_it_is(client: Served) -> None:
    schema = ASYNCAPI["components"]["schemas"]["handshake"]
    seen = json.loads(client.get("/handshake", {"X-TLS-Version": "TLSv1.3"}).body)
    assert seen.keys() == schema["properties"].keys() == set(schema["required"])
    assert seen["tls"].keys() == schema["properties"]["tls"]["properties"].keys()
    with client.connect("/handshake") as socket:
        of_socket = json.loads(socket.recv(timeout=10))["websocket"]
    assert of_socket.keys() == schema["properties"]["websocket"]["properties"].keys()


def test_nginx_sets_every_header_that_the_handshake_shows() -> None:
    config = (CHECKOUT / "nginx/snippets/proxy_headers.conf").read_text()
    overwritten = {name.lower() for name in re.findall(r"proxy_set_header (\S+)", config)}
    source = Path(handshake.__file__).read_text()
    shown = set(re.findall(r'"(x-[a-z-]+)"', source))
    assert shown
    assert shown <= overwritten
