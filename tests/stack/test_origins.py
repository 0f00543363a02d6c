"""Which pages nginx lets through to the app: what it thinks of their origins."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.asking import ask, ask_raw
from tests.support.running import Running


def allowed_origins(stack: Running) -> list[str | None]:
    return [
        None,  # no browser
        stack.url,
        "https://friend.example",
        "http://localhost:5173",
    ]


def foreign_origins(stack: Running) -> list[str]:
    return [
        "https://evil.example",
        "null",
        f"http://localhost:{stack.https_port}",  # the scheme is part of it
        "https://localhost",  # and so is the port
        f"{stack.url}.evil.example",
        f"{stack.url}0",
        f"https://evil.example {stack.url}",
        "https://evil.example https://evil.example",
        f"{stack.url}, https://evil.example",
        "https://friend.example.evil.example",
        "https://friend",
        "friend.example",
        "http://localhost:517",
        "https://evil.example.",
        f"https://localhost..:{stack.https_port}",
        f"https://localhost.evil.example.:{stack.https_port}",
        "http://friend.example.",
        ".*",
        " ",
    ]


def test_a_websocket_from_an_allowed_origin_is_accepted(stack: Running) -> None:
    for origin in allowed_origins(stack):
        with stack.connect(origin=origin) as client:
            client.send("in")
            assert client.recv(timeout=10) == "in"


@pytest.mark.parametrize("name", ["localhost", "api.localhost", "x.app.localhost"])
def test_a_dot_at_the_end_of_a_name_makes_no_other_origin(stack: Running, name: str) -> None:
    """Whoever types localhost. has it in every Host and Origin."""
    for host in (name, f"{name}."):
        for origin in (name, f"{name}."):
            headers = {"Host": f"{host}:{stack.https_port}"}
            headers["Origin"] = f"https://{origin}:{stack.https_port}"
            assert ask(stack, "/healthz", headers)[0].status == 200, headers


def test_a_websocket_from_a_page_at_a_name_with_a_dot_is_accepted(stack: Running) -> None:
    for origin in (f"https://localhost.:{stack.https_port}", "https://friend.example."):
        with stack.connect(origin=origin) as client:
            client.send("in")
            assert client.recv(timeout=10) == "in"


def test_a_websocket_from_a_foreign_origin_is_403(stack: Running) -> None:
    for origin in foreign_origins(stack):
        if not origin.strip():
            continue  # a header cannot be that
        with pytest.raises(InvalidStatus) as refused, stack.connect(origin=origin):
            pass
        assert refused.value.response.status_code == 403, origin
        assert b"ALLOWED_ORIGINS" in (refused.value.response.body or b"")


def test_two_origins_are_403(stack: Running) -> None:
    answer = ask_raw(
        stack,
        f"GET /healthz HTTP/1.1\r\nHost: localhost:{stack.https_port}\r\nOrigin: {stack.url}\r\n"
        "Origin: https://evil.example\r\nConnection: close\r\n\r\n",
    )
    assert answer.startswith("HTTP/1.1 403")


def test_a_plain_request_from_a_foreign_origin_is_403(stack: Running) -> None:
    assert ask(stack, "/", {"Origin": "https://evil.example"}, "POST")[0].status == 403


def test_a_form_of_a_page_that_hides_where_it_is_passes(stack: Running) -> None:
    """Referrer-Policy: no-referrer makes a browser send null with a form's POST."""
    hidden = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert ask(stack, "/sockets", hidden, "POST")[0].status == 426  # the app's own


@pytest.mark.parametrize(
    "site",
    ["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, same-origin", None],
)
def test_any_other_null_is_403(stack: Running, site: str | None) -> None:
    headers = {"Origin": "null"} if site is None else {"Origin": "null", "Sec-Fetch-Site": site}
    response, body = ask(stack, "/", headers, "POST")
    assert response.status == 403
    # Not: to allow it.
    assert "does not take it" in body
    assert "python3 -m http.server 5173 --bind 127.0.0.1" in body


@pytest.mark.parametrize("line", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"])
def test_null_with_two_fetch_sites_is_403(stack: Running, line: str) -> None:
    for lines in (f"Sec-Fetch-Site: same-origin\r\n{line}", f"{line}\r\n{line}"):
        answer = ask_raw(
            stack,
            f"POST / HTTP/1.1\r\nHost: localhost:{stack.https_port}\r\nOrigin: null\r\n"
            f"{lines}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )
        assert answer.startswith("HTTP/1.1 403")


def test_a_foreign_origin_is_403_whatever_the_fetch_site(stack: Running) -> None:
    for origin in ("https://evil.example", "file://", "null, null"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        assert ask(stack, "/", headers, "POST")[0].status == 403


def test_a_page_of_a_program_is_let_in_by_its_own_scheme(stack: Running) -> None:
    with stack.connect(origin="chrome-extension://abcdefghijklmnop") as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"
    with (
        pytest.raises(InvalidStatus),
        stack.connect(origin="moz-extension://abcdefghijklmnop"),
    ):
        pass
