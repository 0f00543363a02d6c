"""A message over WS_MAX_SIZE ends with 1009, also for a client that is still sending it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.programs import PROGRAMS
from tests.support.running import Running

LENGTH = 17 * 1024 * 1024  # 1 MiB over it: much is under way when the server refuses
TRIES = 10
ALL_TOLD = [1009] * TRIES

# undici's WebSocket, which is Node's own from 22 on.
NODE = ("node", "--experimental-websocket")


def code_of(stack: Running) -> int | None:
    with stack.connect("/ws") as client:
        try:
            client.send(os.urandom(LENGTH))
            client.recv(timeout=60)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    return None


def test_a_message_that_is_too_long_is_told_so_each_time(stack: Running) -> None:
    assert [code_of(stack) for _ in range(TRIES)] == ALL_TOLD


def test_a_message_of_node_that_is_too_long_is_told_so_each_time(stack: Running) -> None:
    if not shutil.which("node"):
        pytest.skip("node is not installed: apt install nodejs")
    url = f"wss://localhost:{stack.https_port}/ws"
    done = subprocess.run(
        [*NODE, str(PROGRAMS / "node/too_long.js"), url, str(LENGTH), str(TRIES)],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(stack.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == ALL_TOLD
