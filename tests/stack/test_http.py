"""What nginx lets through to the app, and what it answers itself."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess

import pytest

from tests.support.asking import ask, ask_plain, ask_raw
from tests.support.running import Running


@pytest.mark.parametrize("path", ["/ws", "/sockets"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain_http_on_a_websocket_is_426(stack: Running, path: str, method: str) -> None:
    response, body = ask(stack, path, method=method)
    assert response.status == 426
    assert response.getheader("Upgrade") == "websocket"
    assert "upgrade" in str(response.getheader("Connection")).lower()
    assert "wss://" in body


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl for HTTP/2")
def test_status_426_is_a_valid_answer_over_http2_too(stack: Running) -> None:
    # It must not carry Upgrade there: curl would call that a protocol error.
    done = subprocess.run(
        [
            *("curl", "-sSi", "--http2", "--noproxy", "*", "--cacert", stack.root),
            f"https://127.0.0.1:{stack.https_port}/ws",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    version = "2" if stack.http2 else "1.1"
    assert done.stdout.startswith(f"HTTP/{version} 426"), done.stderr
    assert ("upgrade:" in done.stdout.lower()) is not stack.http2


def test_root_of_the_echo_leads_to_the_console(stack: Running) -> None:
    response, _ = ask(stack, "/")
    assert (response.status, response.getheader("Location")) == (307, "/.wss-stack/console/")


def test_healthz_answers_ok(stack: Running) -> None:
    response, body = ask(stack, "/healthz")
    assert (response.status, body) == (200, "ok\n")


def test_no_version_is_shown(stack: Running) -> None:
    response, _ = ask(stack, "/nowhere")
    assert response.status == 404
    assert response.getheader("Server") == "nginx"


def test_plain_http_redirects_and_is_not_remembered(stack: Running) -> None:
    response, _ = ask_plain(stack, "/a?b=c", f"localhost:{stack.http_port}")
    assert response.status == 307
    assert response.getheader("Location") == f"{stack.url}/a?b=c"
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("Strict-Transport-Security") is None


def test_plain_http_on_the_tls_port_redirects_too(stack: Running) -> None:
    client = http.client.HTTPConnection("127.0.0.1", stack.https_port, timeout=10)
    client.request("GET", "/x", headers={"Host": f"localhost:{stack.https_port}"})
    response = client.getresponse()
    client.close()
    assert (response.status, response.getheader("Location")) == (307, f"{stack.url}/x")
    assert response.getheader("Cache-Control") == "no-store"


def test_plain_http_does_not_redirect_to_an_unknown_host(stack: Running) -> None:
    client = http.client.HTTPConnection("127.0.0.1", stack.https_port, timeout=10)
    client.request("GET", "/x", headers={"Host": "evil.example"})
    response = client.getresponse()
    client.close()
    assert (response.status, response.getheader("Location")) == (421, None)


UNKNOWN_HOSTS = [
    "evil.example",
    "localhost.evil.example",
    "other.localhost",
    "app.localhost",  # the parent of a wildcard is not covered by it
    "x.y.app.localhost",  # nor is more than one label below
    "10.1.2.3",
    "..",
    ".",
]


@pytest.mark.parametrize("host", UNKNOWN_HOSTS)
def test_an_unknown_host_is_refused_on_both_ports(stack: Running, host: str) -> None:
    response, body = ask(stack, "/", {"Host": host})
    # nginx itself calls some of these malformed.
    assert response.status in (421, 400)
    if response.status == 421:
        assert "HOSTS" in body
        assert response.getheader("Content-Type", "").startswith("text/plain")
    response, _ = ask_plain(stack, "/", host)
    assert response.status in (421, 400)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "127.0.0.1", "[::1]", "api.localhost", "x.app.localhost"),
        *("localhost.", "api.localhost.", "x.app.localhost."),
    ],
)
def test_a_known_host_is_served_whatever_its_port(stack: Running, host: str) -> None:
    for authority in (host, f"{host}:{stack.https_port}", f"{host}:1234"):
        assert ask(stack, "/healthz", {"Host": authority})[0].status == 200


def test_advice_for_an_unknown_host_keeps_the_names_that_are_set(stack: Running) -> None:
    _, text = ask(stack, "/", {"Host": "it.localhost"})
    assert 'HOSTS="... it.localhost" make up' in text
    assert ".env may have some" in text


def test_an_absolute_request_line_overrules_the_host_header(stack: Running) -> None:
    answer = ask_raw(
        stack, "GET https://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith("HTTP/1.1 421")


@pytest.mark.parametrize("upgrade", ["h2c", "websocket, h2c", "websocketx", "TLS/1.0"])
def test_only_websocket_passes_as_an_upgrade(stack: Running, upgrade: str) -> None:
    headers = {"Upgrade": upgrade, "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AA"}
    response, _ = ask(stack, "/ws", headers)
    # To the app it was a plain request.
    assert response.status == 426


def test_claims_of_a_client_about_itself_are_overwritten(stack: Running) -> None:
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Request-ID": "mine",
        "Forwarded": "for=203.0.113.9",
        "X-Real-IP": "203.0.113.9",
    }
    with stack.connect("/sockets", additional_headers=claims) as client:
        client.send("who am I, claiming")
        client.recv(timeout=10)
    received = stack.wait_for_log("text='who am I, claiming'")
    request_id = received.split(" id=")[1].split()[0]
    assert request_id != "mine"
    opened = stack.wait_for_log(f"opened path=/sockets id={request_id}")
    assert "scheme=wss" in opened
    assert "203.0.113.9" not in opened


def test_request_is_a_line_of_json_in_the_log(stack: Running) -> None:
    ask(stack, "/healthz?for=the%20log", {"User-Agent": 'with "quotes" and \\'})
    line = stack.wait_for_log("/healthz?for=the%20log")
    entry = json.loads(line[line.index("{") :])
    assert entry["status"] == 200
    assert entry["agent"] == 'with "quotes" and \\'
    assert len(entry["request_id"]) == 32
    assert entry["duration"] >= 0
