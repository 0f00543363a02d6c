"""With settings of an operator: a small share for an address, and deflate."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import zlib
from collections.abc import Iterator

import pytest
from websockets.frames import Opcode

from certs.dotenv import CHECKOUT
from tests.support import programs
from tests.support.asking import ask
from tests.support.frames import RSV1, frame, receive, upgrade
from tests.support.hostile import HALF_A_BODY, answer, bounded, record, told
from tests.support.running import Running, running
from tests.support.steady import SOAK, steady
from tests.support.waiting import until

MIB = 1024 * 1024
SHARE = 1024 if SOAK else 50  # connections of one address


@pytest.fixture(scope="module")
def shared(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp(f"shares-{mode_or_skip}")
    settings = {"MAX_CONNECTIONS_PER_ADDRESS": str(SHARE), "WS_DEFLATE": "1"}
    with running(mode_or_skip, folder, **settings) as stack:
        yield stack


def test_slow_bodies_take_of_the_share_of_their_address(stack: Running) -> None:
    """nginx has no lowest rate for a body: what bounds them is their number."""
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(stack.tls_socket()) for _ in range(SHARE)]
        for raw in slow:
            raw.sendall(HALF_A_BODY)
        until(lambda: ask(stack, "/healthz")[0].status == 503, "a refusal")
        slow[0].sendall(b"x" * 96)
        assert answer(slow[0])[0] == 426
        assert ask(stack, "/healthz")[0].status == 200
    record(stack, "slow bodies", "counted by MAX_CONNECTIONS_PER_ADDRESS; then 503")


def test_address_gets_its_share_and_others_are_served(stack: Running) -> None:
    name = f"{SHARE} WebSockets of one address, and one more"
    with (
        steady(stack, sockets=1, pause=0.05) as neighbour,
        bounded(stack, neighbour, name, told(503), 150, connections=SHARE),
        crowd(stack) as came,
    ):
        assert came == (SHARE, 503)
        with stack.connect() as client:  # of another address
            client.send("still there?")
            assert client.recv(timeout=10) == "still there?"


@contextlib.contextmanager
def crowd(stack: Running) -> Iterator[tuple[int, int]]:
    """Opens WebSockets from another address than the neighbour's until one is refused: how many
    there are, and the refusal's status."""
    arguments = (str(stack.https_port), "127.0.0.2", stack.root.read_text())
    command = [sys.executable, "-c", programs.source("crowd.py"), "127.0.0.1", *arguments]
    if stack.mode == "docker":  # all of this machine are one address there
        arguments = ("8443", "", stack.root.read_text())
        command = ["docker", "compose", "--project-directory", str(CHECKOUT), "exec", "-T", "app"]
        command += ["python", "-c", programs.source("crowd.py"), "nginx", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=dict(stack.env), stdin=pipe, stdout=pipe, text=True) as made:
        assert made.stdout
        opened, status = made.stdout.readline().split()
        yield int(opened), int(status)
        made.communicate("")


def bomb(length: int) -> bytes:
    """A message of so many zeros, deflated a thousandfold (RFC 7692, section 7.2.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -12)
    packed = packer.compress(bytes(length)) + packer.flush(zlib.Z_SYNC_FLUSH)
    return frame(Opcode.BINARY, packed.removesuffix(b"\0\0\xff\xff"), reserved=RSV1)


OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"


def test_bombs_are_inflated_one_by_one(stack: Running) -> None:
    name, count = "16 deflated messages of 15 MiB in one burst", 16
    said = "with WS_DEFLATE=1: inflated one by one"
    with (
        steady(stack, sockets=1, pause=0.05) as neighbour,
        bounded(stack, neighbour, name, said, 120),
        stack.tls_socket() as raw,
    ):
        upgrade(raw, OFFER)
        raw.sendall(bomb(15 * MIB) * count)
        while count:
            opcode, _ = receive(raw, RSV1)
            assert opcode in (Opcode.BINARY, Opcode.PING)
            count -= opcode == Opcode.BINARY
