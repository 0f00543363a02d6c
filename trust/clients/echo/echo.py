"""One library's echo: its name comes before what trust.clients.programs says.

For Python 3.7 and later.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys

name, port, url, text, request, frame, reply = sys.argv[1:]
https = f"https://localhost:{port}/"


def by_ssl() -> None:
    context = ssl.create_default_context()
    plain = socket.create_connection(("localhost", int(port)), 10)
    with plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(bytes.fromhex(request) + bytes.fromhex(frame))
        answer = b""
        while bytes.fromhex(reply) not in answer:
            more = connection.recv(4096)
            if not more:
                raise SystemExit(f"the echo did not come: {answer[:80]!r}")
            answer += more


def by_websockets() -> None:
    import websockets

    async def echo() -> None:
        async with websockets.connect(url) as connection:
            await connection.send(text)
            if await connection.recv() != text:
                raise SystemExit("the echo was not what was sent")

    asyncio.run(asyncio.wait_for(echo(), 10))


def by_httpx() -> None:
    import httpx

    httpx.get(https, timeout=10, follow_redirects=True).raise_for_status()


def by_requests() -> None:
    import requests

    requests.get(https, timeout=10).raise_for_status()


try:
    globals()["by_" + name]()
except Exception as error:  # noqa: BLE001
    # Libraries wrap SSL errors, requests three times: the innermost one has the reason.
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, ssl.SSLError):
        inner = inner.__cause__ or inner.__context__
    shown = inner or error
    sys.exit(f"{type(shown).__name__}: {shown}")
print(text)
