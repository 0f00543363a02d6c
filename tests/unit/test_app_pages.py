"""The console's files, what guards them, and the AsyncAPI document."""

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
from app.pages import content_security_policy
from certs.settings import CHECKOUT
from tests.support.serving import Served, served

CONSOLE = CHECKOUT / "app/console"
ASYNCAPI: dict[str, Any] = json.loads((CHECKOUT / "app/asyncapi.json").read_text())


@pytest.fixture(scope="module")
def client() -> Iterator[Served]:
    with served() as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/console/main.js", "/asyncapi.json", "/ws", "/nowhere"])
def test_every_answer_is_guarded(client: Served, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' wss://localhost:8443;" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again_and_stays_guarded(client: Served) -> None:
    tag = client.get("/console/main.js").headers["etag"]
    again = client.get("/console/main.js", {"If-None-Match": tag})
    assert again.status == 304
    assert "default-src 'none'" in again.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["[::1]:8443", "a;script-src *", "a b", ""])
def test_a_host_that_a_policy_cannot_name_is_left_out(host: str) -> None:
    assert "connect-src 'self';" in content_security_policy(host)


def test_every_file_that_the_page_names_is_served(client: Served) -> None:
    page = client.get("/").body.decode()
    scripts = "".join(path.read_text() for path in CONSOLE.glob("*.js"))
    named = set(re.findall(r'(?:href|src)="(/[^"]+)"', page))
    named |= {f"/console/{name}" for name in re.findall(r'from "\./([^"]+)"', scripts)}
    # What is there is all in use.
    assert {name for name in named if name.startswith("/console/")} == {
        f"/console/{path.name}" for path in CONSOLE.iterdir() if path.name != "index.html"
    }
    for path in named:
        assert client.get(path).status == 200, path
    assert client.get("/console/main.js").headers["content-type"].startswith("text/javascript")


def test_the_page_asks_no_other_host() -> None:
    for path in CONSOLE.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path


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


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    """Relative, WCAG 2.2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_that_is_promised(scheme: str) -> None:
    light, dark = (CONSOLE / "tokens.css").read_text().split("@media")
    palette = colours(light) if scheme == "light" else {**colours(light), **colours(dark)}
    for behind in ("page", "surface", "surface-sunk"):
        for text in ("text", "text-soft", "accent", "good", "warn", "bad"):
            assert contrast(palette[text], palette[behind]) >= 4.5, (text, behind)
        for shape in ("line-strong", "focus"):
            assert contrast(palette[shape], palette[behind]) >= 3, (shape, behind)
    for button in ("accent", "accent-strong"):
        assert contrast(palette["on-accent"], palette[button]) >= 4.5, button
