"""A client on this machine that trusts the minted root alone."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TIMEOUT = 5.0  # seconds, of one try
_TEXT = "echo"  # within any WS_MAX_SIZE


def context(root: Path) -> ssl.SSLContext:
    """Verifies against this root and nothing else, strictly (as Python 3.13 does).

    Raises OSError when the file cannot be read.
    """
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    strict.minimum_version = ssl.TLSVersion.TLSv1_2
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    strict.load_verify_locations(root)
    return strict


def echo(address: tuple[str, int], port: int, tls: ssl.SSLContext) -> None:
    """Opens wss://localhost:port/ws at this address, sends a text and expects it back.

    asyncio, because websockets' blocking client uses one TLS object in two threads, and with
    that one handshake in some hundreds fails
    (https://github.com/python/cpython/issues/151508). Raises OSError, for a wrong answer too.
    """
    # Here, and in the next function, because `make status` asks for no echo.
    import asyncio

    from websockets.exceptions import InvalidStatus, WebSocketException

    # In a new thread: the caller's may have an event loop already, as in tests with a browser.
    with ThreadPoolExecutor(max_workers=1) as pool:
        asked = pool.submit(asyncio.run, _echo(address, port, tls))
    try:
        asked.result()
    except InvalidStatus as error:
        response = error.response
        line = f"{response.status_code} {response.reason_phrase}"
        raise ConnectionError(f"no echo, but HTTP/1.1 {line}") from error
    except WebSocketException as error:
        raise ConnectionError(f"no echo: {error}") from error


async def _echo(address: tuple[str, int], port: int, tls: ssl.SSLContext) -> None:
    import asyncio

    from websockets.asyncio.client import connect

    host, there = address
    async with (
        asyncio.timeout(TIMEOUT),
        connect(
            f"wss://localhost:{port}/ws",
            host=host,
            port=there,
            ssl=tls,
            proxy=None,
            compression=None,
        ) as client,
    ):
        await client.send(_TEXT)
        answer = await client.recv()
    if answer != _TEXT:
        raise ConnectionError(f"no echo, but {answer!r:.80}")
