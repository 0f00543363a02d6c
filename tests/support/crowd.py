"""WebSockets through all nodes of a Swarm, while something happens to it.

Each echoes numbered messages, one after the other with a pause, and connects again through the
next node when it is cut. Beside them, one client for each node connects afresh again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.support.waiting import until

CUT = 1006  # a client's word for an end without a Close frame
SILENT = 0  # not even that: no echo within _PATIENCE
_PATIENCE = 30.0  # seconds
_NEXT_NODE = 5.0  # of a client that was cut, until it tries the next node
_PAUSE = 1.0  # between two messages of a client
_NEXT = 0.1  # between two newcomers, and between two tries
_AT_ONCE = 20  # handshakes under way, at the start


@dataclass(frozen=True)
class End:
    """Of a connection. at: in seconds, since the event."""

    node: str  # by which it came
    code: int
    at: float


@dataclass
class Seen:
    ends: list[End] = field(default_factory=list)
    messages: int = 0
    newcomers: Counter[str] = field(default_factory=Counter)  # for each node
    refused: list[tuple[str, float, str]] = field(default_factory=list)  # node, when, why
    worst: float = 0.0  # from a message to its echo
    slowest: dict[str, float] = field(default_factory=dict)  # newcomer, for each node

    def codes(self, *nodes: str) -> Counter[int]:
        """Of the connections that ended; of these nodes alone, if any are named."""
        return Counter(end.code for end in self.ends if not nodes or end.node in nodes)

    def last(self, *nodes: str) -> float:
        return max((end.at for end in self.ends if end.node in nodes), default=0.0)

    def refusals(self, *nodes: str) -> list[tuple[str, float, str]]:
        return [one for one in self.refused if one[0] in nodes]


class Crowd:
    def __init__(self, nodes: Sequence[str], port: int, tls: ssl.SSLContext, size: int) -> None:
        self.seen = Seen()
        self._nodes = nodes
        self._url = f"wss://localhost:{port}/ws"
        self._tls = tls
        self._size = size
        self._open = 0
        self._began = 0.0
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._start = asyncio.Semaphore(_AT_ONCE)

    @property
    def is_whole(self) -> bool:
        """Whether all are connected."""
        if self._error:
            raise self._error
        return self._open == self._size

    def begin(self) -> None:
        self._thread.start()

    def event(self) -> None:
        """What is seen from here on counts."""
        self.seen = Seen()
        self._began = time.monotonic()

    def end(self) -> None:
        """Raises AssertionError for a message that came back changed, or out of order."""
        self._stop.set()
        self._thread.join(2 * _PATIENCE)
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._everyone())
        except BaseException as error:  # noqa: BLE001 # told to the test
            self._error = error

    async def _everyone(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._size):
                group.create_task(self._stay(number))
            for node in self._nodes:
                group.create_task(self._come_and_go(node))

    async def _stay(self, number: int) -> None:
        turns = itertools.cycle(self._nodes)
        for _ in range(number % len(self._nodes)):
            next(turns)
        while not self._stop.is_set():
            node = next(turns)
            try:
                async with self._start:
                    client = await self._connection(node, _NEXT_NODE)
            except (OSError, WebSocketException):
                await asyncio.sleep(_NEXT)
                continue
            self._open += 1
            try:
                code = await self._echo(client, number)
            finally:
                self._open -= 1
            if code is not None:
                self.seen.ends.append(End(node, code, time.monotonic() - self._began))
                client.transport.abort()

    async def _echo(self, client: ClientConnection, number: int) -> int | None:
        """The code of its end; None if it was not cut."""
        try:
            for place in itertools.count():
                sent, message = time.monotonic(), f"{number}:{place}"
                await client.send(message)
                async with asyncio.timeout(_PATIENCE):
                    echo = await client.recv()
                assert echo == message, f"sent {message}, got {echo!r}"
                self.seen.worst = max(self.seen.worst, time.monotonic() - sent)
                self.seen.messages += 1
                if self._stop.is_set():
                    await client.close()
                    return None
                # An end is heard at once, not at the next message.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE):
                        await client.wait_closed()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else CUT
        except TimeoutError:
            return SILENT
        return None

    async def _come_and_go(self, node: str) -> None:
        while not self._stop.is_set():
            seen = self.seen
            began = time.monotonic()
            try:
                await self._come(node)
            except (OSError, WebSocketException) as error:
                seen.refused.append((node, began - self._began, f"{type(error).__name__}: {error}"))
            else:
                seen.newcomers[node] += 1
                took = time.monotonic() - began
                seen.slowest[node] = max(seen.slowest.get(node, 0.0), took)
            await asyncio.sleep(_NEXT)

    async def _come(self, node: str) -> None:
        client = await self._connection(node, _PATIENCE)
        try:
            await client.send("new")
            async with asyncio.timeout(_PATIENCE):
                assert await client.recv() == "new"
            await client.close()
        finally:
            client.transport.abort()

    async def _connection(self, node: str, patience: float) -> ClientConnection:
        return await connect(
            self._url,
            host=node,
            ssl=self._tls,
            proxy=None,
            compression=None,
            open_timeout=patience,
            ping_interval=None,
            close_timeout=5,
        )


@contextlib.contextmanager
def crowd(nodes: Sequence[str], port: int, tls: ssl.SSLContext, size: int) -> Iterator[Crowd]:
    """So many, by these addresses in turn. All are connected when the `with` begins."""
    clients = Crowd(nodes, port, tls, size)
    clients.begin()
    try:
        until(lambda: clients.is_whole, f"{size} WebSockets", 60)
        clients.event()
        yield clients
    finally:
        clients.end()
