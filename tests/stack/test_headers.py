"""Large headers, from the server behind and from clients: what passes, and what is said."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.answering import answering
from tests.support.asking import ask, ask_plain, ask_raw
from tests.support.running import Running
from tests.support.upstreams import bound, reached

KIB = 1024


def cookies(count: int, size: int) -> str:
    return "; ".join(f"c{n}={'x' * size}" for n in range(count))


HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
ANSWERS = {
    "/one-long-cookie": [("Set-Cookie", f"session={'x' * 4200}")],
    "/many-cookies": [("Set-Cookie", f"c{n}={'x' * 480}") for n in range(40)],
    "/a-long-policy": [("Content-Security-Policy", "x" * 7 * KIB)],
    "/beyond": [("Set-Cookie", f"c{n}={'x' * 4000}") for n in range(9)],
}


def test_large_headers_of_an_answer_pass_or_are_said_to_be_too_large(own: Running) -> None:
    with answering(bound(own.mode), ANSWERS) as port:
        upstream = reached(own.mode, port)
        site = f"api.localhost={upstream}"
        own.up(UPSTREAM=upstream, SITES=site)
        for path in ("/one-long-cookie", "/many-cookies", "/a-long-policy"):
            name, sent = ANSWERS[path][0][0], [value for _, value in ANSWERS[path]]
            response, body = ask(own, path)
            assert (response.status, body) == (200, "from the server behind")
            assert response.headers.get_all(name) == sent
            with own.connect(path) as client:
                assert client.response
                assert client.response.headers.get_all(name) == sent
        for host, label in (("localhost", f"UPSTREAM {upstream}"), ("api.localhost", site)):
            response, body = ask(own, "/beyond", {"Host": host})
            with pytest.raises(InvalidStatus) as refused, own.connect("/beyond", host=host):
                pass
            handshake = refused.value.response
            told = (handshake.status_code, (handshake.body or b"").decode())
            assert told == (response.status, body)
            assert response.status == 502
            assert label in body
            assert "more than 32 KiB of headers" in body
            assert "proxy_buffer_size" in body
            assert "TLS" not in body


@pytest.mark.parametrize("status", [200, 404])
def test_hsts_of_the_server_behind_is_taken_off(own: Running, status: int) -> None:
    with answering(bound(own.mode), {"/": [HSTS, ("X-Kept", "yes")]}, status) as port:
        upstream = reached(own.mode, port)
        own.up(UPSTREAM=upstream, SITES=f"api.localhost={upstream}")
        for host in ("localhost", "api.localhost"):
            response, _ = ask(own, "/", {"Host": host})
            assert (response.status, response.getheader("X-Kept")) == (status, "yes")
            assert response.getheader(HSTS[0]) is None
            with own.connect("/", host=host) as client:
                assert client.response
                assert client.response.headers["X-Kept"] == "yes"
                assert HSTS[0] not in client.response.headers


REQUESTS = [
    pytest.param({"Cookie": cookies(20, 480)}, "", id="cookies of many projects"),
    pytest.param({"Cookie": cookies(15, 4000)}, "", id="60 KB of cookies"),
    pytest.param({"Authorization": f"Bearer {'x' * 20_000}"}, "", id="a long token"),
    pytest.param({}, f"?token={'x' * 20_000}", id="a token in the address"),
    pytest.param({f"X-{n}": "x" * 480 for n in range(90)}, "", id="many headers"),
]


@pytest.mark.parametrize(("headers", "query"), REQUESTS)
def test_large_headers_of_a_request_reach_the_app(
    stack: Running, headers: dict[str, str], query: str
) -> None:
    assert ask(stack, f"/healthz{query}", headers)[0].status == 200
    with stack.connect(f"/ws{query}", additional_headers=headers) as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"


def test_a_request_beyond_the_limit_is_refused_in_words(stack: Running) -> None:
    headers = {"Cookie": "x" * 65 * KIB}
    answers = [ask(stack, "/healthz", headers)]
    host = f"localhost:{stack.http_port}"
    answers.append(ask_plain(stack, "/", host, headers))
    for response, body in answers:
        assert response.status == 431
        assert "larger than 64 KiB" in body
        assert "cookies" in body
        assert "large_client_header_buffers" in body
        assert "<html" not in body
    with pytest.raises(InvalidStatus) as refused, stack.connect(additional_headers=headers):
        pass
    assert refused.value.response.status_code == 431
    assert b"cookies" in (refused.value.response.body or b"")


def test_many_headers_beyond_the_limit_are_refused_in_words(stack: Running) -> None:
    response, body = ask(stack, "/healthz", {f"X-{n}": "x" * 60 * KIB for n in range(5)})
    assert response.status == 431
    assert "larger than 256 KiB" in body


def test_an_address_beyond_the_limit_is_414(stack: Running) -> None:
    response, body = ask(stack, f"/healthz?{'x' * 65 * KIB}")
    assert response.status == 414
    assert "64 KiB" in body


MALFORMED = [
    pytest.param("GET /healthz HTTP/1.1\r\n", id="no host"),
    pytest.param("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", id="two hosts"),
    pytest.param("GET / HTTP/1.1\r\nHost: a b\r\n", id="no such host"),
    pytest.param("GET / SMTP/1.1\r\nHost: localhost\r\n", id="another protocol"),
    pytest.param("\x16\x03\x01\r\n", id="binary"),
]


@pytest.mark.parametrize("request_head", MALFORMED)
def test_text_that_is_no_http_is_refused_in_words(stack: Running, request_head: str) -> None:
    answer = ask_raw(stack, f"{request_head}\r\n")
    assert "nginx cannot read this request" in answer
    assert "421" not in answer
    assert "<html" not in answer


def test_a_client_without_a_readable_request_line_reaches_nothing(stack: Running) -> None:
    """Its host is not looked at, so no path may open by it."""
    for path in ("/.malformed", "/.long-address"):
        assert ask(stack, path)[0].status == 404
        assert ask(stack, path, {"Host": "evil.example"})[0].status == 421
