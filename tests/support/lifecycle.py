"""Whether a stack echoes, and whether its port is closed."""

from __future__ import annotations

import socket

from tests.support.running import Running


def echoes(stack: Running) -> bool:
    with stack.connect() as client:
        client.send("there?")
        return client.recv(timeout=5) == "there?"


def closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False
