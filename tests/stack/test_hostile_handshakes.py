"""Handshakes that none should send: each has its right answer, and nobody else notices."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.support.frames import receive
from tests.support.hostile import answer, handshake, record, told
from tests.support.running import Running

pytestmark = pytest.mark.usefixtures("neighbour_of_all")

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
CHUNKED = "Transfer-Encoding: chunked\r\n"
EVIL = "Origin: https://evil.example\r\n"
SAME = "Origin: https://localhost\r\n"

VERSIONS: dict[str, tuple[bytes, int]] = {
    **{
        f"version {version}": (handshake(version=f"Sec-WebSocket-Version: {version}"), 400)
        for version in ("777", "12", "13, 8")
    },
    "no version": (handshake(version=""), 400),
    "no key": (handshake(key=""), 400),
    "two keys": (handshake(key=f"{KEY}\r\n{KEY}"), 400),
    "key that is too short": (handshake(key="Sec-WebSocket-Key: YQ=="), 400),
    "key that is no base64": (handshake(key="Sec-WebSocket-Key: ????"), 400),
    "subprotocol with a space": (handshake(more="Sec-WebSocket-Protocol: a b\r\n"), 400),
    **{f"{m} as a handshake": (handshake(f"{m} /ws HTTP/1.1"), 405) for m in ("POST", "PUT")},
    "TRACE as a handshake": (handshake("TRACE /ws HTTP/1.1"), 405),
    "CONNECT to elsewhere": (handshake("CONNECT evil.example:443 HTTP/1.1"), 405),
    "method in lower case": (handshake("get /ws HTTP/1.1"), 400),
    "handshake in HTTP/1.0": (handshake("GET /ws HTTP/1.0"), 426),
    "handshake in HTTP/2.0, in text": (handshake("GET /ws HTTP/2.0"), 505),
    "preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
}
UPGRADES: dict[str, tuple[bytes, int]] = {
    "Upgrade: h2c": (
        handshake(
            upgrade="Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
            connection="Connection: Upgrade, HTTP2-Settings",
        ),
        426,
    ),
    **{
        f"Upgrade: {value}": (handshake(upgrade=f"Upgrade: {value}"), 426)
        for value in ("websocket, h2c", "TLS/1.0", "websocket/13")
    },
    "two Upgrade lines": (handshake(upgrade="Upgrade: websocket\r\nUpgrade: h2c"), 426),
    "Upgrade with a line break": (handshake(upgrade="Upgrade: websocket\r\n h2c"), 400),
    "Upgrade without Connection": (handshake(connection=""), 426),
    "Upgrade with Connection: close": (handshake(connection="Connection: close"), 426),
    "Connection: upgrade-insecure": (handshake(connection="Connection: upgrade-insecure"), 426),
}
BODIES: dict[str, tuple[bytes, int]] = {
    "body of 5 bytes": (handshake(more="Content-Length: 5\r\n") + b"hello", 400),
    "chunked body": (handshake(more=CHUNKED) + b"5\r\nhello\r\n0\r\n\r\n", 400),
    "length and chunks": (handshake(more=f"Content-Length: 4\r\n{CHUNKED}"), 400),
    "two lengths": (handshake(more="Content-Length: 4\r\nContent-Length: 5\r\n"), 400),
    "negative length": (handshake(more="Content-Length: -1\r\n"), 400),
    "length with a sign": (handshake(more="Content-Length: +1\r\n") + b"x", 400),
    "unknown transfer coding": (handshake(more="Transfer-Encoding: xchunked\r\n"), 501),
    "two transfer codings": (handshake(more=f"{CHUNKED}Transfer-Encoding: identity\r\n"), 400),
    "chunk that is no number": (handshake("POST / HTTP/1.1", CHUNKED) + b"zz\r\n", 400),
    "chunk of 16 EiB": (handshake("POST / HTTP/1.1", CHUNKED) + b"f" * 16 + b"\r\n", 400),
    "140 headers": (handshake(more="".join(f"X-{n}: 1\r\n" for n in range(140))), 431),
    "header of 70 KB": (handshake(more=f"X: {'a' * 70_000}\r\n"), 431),
}
HOSTS: dict[str, tuple[bytes, int]] = {
    "foreign host": (handshake(host="Host: evil.example"), 421),
    "no host": (handshake(host=""), 400),
    "two hosts": (handshake(host="Host: localhost\r\nHost: evil.example"), 400),
    **{
        f"Host: {value}": (handshake(host=f"Host: {value}"), 400)
        for value in ("localhost@evil.example", "localhost, evil.example", "localhost/../x")
    },
    "host with a port beyond 65535": (handshake(host="Host: localhost:99999"), 400),
    "host with a null byte": (handshake(host="Host: localhost\0"), 400),
    "host that is no ASCII": (handshake(host="Host: loc\xe4lhost"), 400),
    "absolute URI of a foreign host": (handshake("GET https://evil.example/ws HTTP/1.1"), 421),
    "absolute URI with a user": (handshake("GET https://localhost@evil.example/ws HTTP/1.1"), 400),
    "absolute URI of this host": (handshake("GET https://localhost/ws HTTP/1.1"), 101),
    "foreign origin": (handshake(more=EVIL), 403),
    "origin null": (handshake(more="Origin: null\r\n"), 403),
    "two origins": (handshake(more=SAME + EVIL), 403),
    "two origins in a line": (handshake(more=f"{SAME.rstrip()} https://evil.example\r\n"), 403),
}
TEXTS: dict[str, tuple[bytes, int]] = {
    "null byte in the path": (handshake("GET /ws\0 HTTP/1.1"), 400),
    "null byte in the path, encoded": (handshake("GET /ws%00 HTTP/1.1"), 400),
    "null byte in a header": (handshake(more="X: a\0b\r\n"), 400),
    "null byte in a header's name": (handshake(more="X\0: b\r\n"), 400),
    "control character in the path": (handshake("GET /ws\x01 HTTP/1.1"), 400),
    "line break in the path, encoded": (handshake("GET /ws%0d%0aX:%20y HTTP/1.1"), 403),
    "path that leads out": (handshake("GET /../../ws HTTP/1.1"), 400),
    "path that leads out, encoded": (handshake("GET /%2e%2e/ws HTTP/1.1"), 400),
    "broken encoding in the path": (handshake("GET /ws%zz HTTP/1.1"), 400),
    "space in the path": (handshake("GET /ws x HTTP/1.1"), 400),
    "space before a colon": (handshake(more="X-Forwarded-For : 203.0.113.9\r\n"), 400),
    "carriage return in a header": (handshake().replace(b"Host: ", b"X: a\rb\r\nHost: "), 400),
    "header in two lines": (handshake(more="X: a\r\n b\r\n"), 400),
}
CASES = {**VERSIONS, **UPGRADES, **BODIES, **HOSTS, **TEXTS}


@pytest.mark.parametrize("name", CASES)
def test_odd_handshake_has_its_answer_at_once(stack: Running, name: str) -> None:
    sent, status = CASES[name]
    with stack.tls_socket() as raw:
        raw.sendall(sent)
        got, body = answer(raw)
        assert got == status, body
        assert "<html" not in body
    record(stack, name, told(status))


def test_request_behind_a_refused_handshake_passes_no_check_by(stack: Running) -> None:
    """A proxy that takes the handshake for done, when the server behind has refused it, passes
    what comes next to that server unseen."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    with stack.tls_socket() as raw:
        raw.sendall(handshake(version="Sec-WebSocket-Version: 777") + hidden)
        assert [answer(raw)[0], answer(raw)[0]] == [400, 421]
    record(stack, "request behind a refused handshake", f"{told(421)}, by nginx's own checks")


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "X-Real-IP": "203.0.113.9",
    "X-Request-ID": "forged",
    "X-TLS-Version": "SSLv2",
    "X-TLS-Cipher": "forged",
    "X-HTTP-Version": "HTTP/9",
}
SPELLED: dict[str, Callable[[str], str]] = {
    "as they are": str,
    "with underscores": lambda name: name.replace("-", "_"),
    "in capitals": str.upper,
}


@pytest.mark.parametrize("spelled", SPELLED)
def test_app_sees_nothing_of_forged_headers(stack: Running, spelled: str) -> None:
    lines = [f"{SPELLED[spelled](name)}: {value}\r\n" for name, value in FORGED.items()]
    with stack.tls_socket() as raw:
        # Twice each: a proxy may look at the first, and an app at the last.
        raw.sendall(handshake("GET /handshake HTTP/1.1", "".join(lines * 2)))
        assert answer(raw)[0] == 101
        seen = json.loads(receive(raw)[1])
    text = json.dumps(seen)
    assert [value for value in FORGED.values() if f'"{value}"' in text] == []
    assert seen["scheme"] == "wss"
    record(stack, f"forged X-Forwarded-* and others, {spelled}", "the app sees what is true")
