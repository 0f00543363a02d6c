"""A message over WS_MAX_SIZE ends with 1009, also for a client that is still sending it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.running import Running

LENGTH = 17 * 1024 * 1024  # 1 MiB over it: much is under way when the server refuses
TRIES = 10
ALL_TOLD = [1009] * TRIES

# undici's WebSocket, which is Node's own from 22 on.
NODE = ("node", "--experimental-websocket")
PROGRAM = """
const [url, length, tries] = process.argv.slice(1);
const message = new Uint8Array(Number(length));
for (let at = 0; at < message.length; at += 65536)
  crypto.getRandomValues(message.subarray(at, Math.min(at + 65536, message.length)));

const tried = () => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(message);
  socket.onclose = ({ code }) => resolve(code);
});
(async () => {
  const codes = [];
  while (codes.length < Number(tries)) codes.push(await tried());
  console.log(JSON.stringify(codes));
  process.exit();
})();
"""


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
        [*NODE, "-e", PROGRAM, url, str(LENGTH), str(TRIES)],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(stack.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == ALL_TOLD
