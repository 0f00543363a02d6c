"""docker compose up, with neither make nor Python on the host: docs/running.md."""

from __future__ import annotations

import re

from certs.dotenv import CHECKOUT
from tests.support.clone import Clone
from tests.support.servers import somebodys_server

SOURCE = """\
import importlib.util

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

async def talk(websocket):
    await websocket.accept()
    await websocket.send_text(str(importlib.util.find_spec("iniconfig") is not None))
    await websocket.receive()

app = Starlette(routes=[WebSocketRoute("/talk", talk)])
"""
EVERYWHERE = "0.0.0.0"  # noqa: S104 # Docker's bridge


def documented() -> tuple[list[str], str]:
    """The command, and what to say too where the requirements have changed."""
    text = " ".join((CHECKOUT / "docs" / "running.md").read_text().split())
    (found,) = re.findall(r"same settings work for `([^`]*)`\. Say `([^`]*)` too", text)
    return found[0].split(), found[1]


def test_it_serves_ones_own_app_and_any_server(clone: Clone) -> None:
    command, build = documented()
    own = {"APP": "mypackage.main:app", "APP_REQUIREMENTS": "requirements.txt"}

    def up(*options: str, **settings: str) -> None:
        done = clone.run(*command, *options, as_user=False, env={**own, **settings})
        assert done.returncode == 0, done.stderr

    package = clone.checkout / "src" / "mypackage"
    package.mkdir()
    (package / "main.py").write_text(SOURCE)
    requirements = clone.checkout / "src" / "requirements.txt"
    requirements.touch()
    up()
    assert said(clone, "/talk") == "False"
    requirements.write_text("iniconfig==2.3.0\n")
    up()
    assert said(clone, "/talk") == "False", "the document's --build is needed no more"
    up(build)
    assert said(clone, "/talk") == "True"

    with somebodys_server("api", EVERYWHERE) as api, somebodys_server("web", EVERYWHERE) as web:
        sites = f"api.localhost=host.docker.internal:{api}"
        up(SITES=sites)
        assert said(clone, "/", "api.localhost", "hello") == "api: 'hello'"
        assert said(clone, "/talk") == "True"
        up(SITES=sites, UPSTREAM=f"host.docker.internal:{web}")
        assert said(clone, "/", "localhost", "hello") == "web: 'hello'"
        assert said(clone, "/", "api.localhost", "hello") == "api: 'hello'"


def said(clone: Clone, path: str, host: str = "localhost", text: str = "") -> str:
    """The first message that comes back."""
    with clone.connect(path, host) as client:
        if text:
            client.send(text)
        return str(client.recv(timeout=10))
