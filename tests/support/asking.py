"""Requests to a stack under test, and the whole of what comes back."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

from tests.support.running import Running


def ask(
    stack: Running, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[http.client.HTTPResponse, str]:
    client = http.client.HTTPSConnection("localhost", stack.https_port, timeout=10)
    with stack.tls_socket() as client.sock:
        client.request(method, path, headers=dict(headers or {}))
        response = client.getresponse()
        return response, response.read().decode()


def ask_raw(stack: Running, request: str) -> str:
    with stack.tls_socket() as connection:
        connection.sendall(request.encode())
        answer = b""
        while data := connection.recv(65536):
            answer += data
    return answer.decode()


def ask_plain(
    stack: Running, path: str, host: str, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, str]:
    client = http.client.HTTPConnection("127.0.0.1", stack.http_port, timeout=10)
    client.request("GET", path, headers={"Host": host, **(headers or {})})
    response = client.getresponse()
    body = response.read().decode()
    client.close()
    return response, body
