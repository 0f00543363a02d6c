"""The folder that nginx serves for the trust page has no key, and leads to none."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from certs import authority as authorities
from certs import ca_home
from certs.page import render
from tests.support.asking import ask, ask_plain
from tests.support.running import Running
from tests.support.trust_page import assert_public

BESIDE = [
    "/leaf.pem",
    "/leaf-names.pem",
    "/trust/leaf.pem",
    "/trust/../leaf.pem",
    "/trust/../../leaf.pem",
    "/trust/%2e%2e/leaf.pem",
    "/trust/%2e%2e/%2e%2e/leaf.pem",
    "/trust/..%2f..%2fleaf.pem",
    "/trust/%2e%2e%2f%2e%2e%2fleaf.pem",
    "/trust/..%5c..%5cleaf.pem",
    "/trust//../../leaf.pem",
    "/trust../leaf.pem",
    "/trust/leaf.pem%00.crt",
    "/hosts/localhost",
    "/trust/../hosts/localhost",
]


def test_no_key_is_in_the_folder_that_is_served(stack: Running) -> None:
    pem = (stack.settings.certs.ca_home / ca_home.AUTHORITY).read_bytes()
    told = json.loads(stack.in_certs("public_files"))
    assert {render.INDEX, render.PEM, render.DER, render.PROFILE} <= set(told) <= set(render.NAMES)
    files = {name: base64.b64decode(data) for name, data in told.items()}
    assert_public(files, authorities.load(pem, datetime.now(UTC)))


@pytest.mark.parametrize("path", BESIDE)
def test_keys_beside_the_public_folder_cannot_be_fetched(stack: Running, path: str) -> None:
    for response, body in (
        ask_plain(stack, path, f"localhost:{stack.http_port}"),
        ask(stack, path),
    ):
        assert response.status in (307, 400, 404), body
        assert "-----BEGIN" not in body


def test_link_in_the_public_folder_leads_nowhere(stack: Running) -> None:
    stack.in_certs("link_to_leaf", "make")
    try:
        response, body = ask_plain(stack, "/trust/link.crt", "localhost")
    finally:
        stack.in_certs("link_to_leaf", "remove")
    assert response.status in (403, 404)
    assert "-----BEGIN" not in body
