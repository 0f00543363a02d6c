"""The load: connections, echo round trips in a closed loop, and what this process costs."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import picows
import uvloop

from bench.errors import LoadError
from bench.messages import Case, deflated, inflated, message, window_bits
from bench.windows import Window

# Handshakes at once: more would only wait for each other.
_AT_ONCE = 32
_ANSWER = 20.0  # seconds until a first echo has to be back
OFFER = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}

T = TypeVar("T")
L = TypeVar("L")


class Client(picows.WSListener):  # type: ignore[misc] # compiled: mypy does not see its class
    """One connection.

    done: called with the client, and with the seconds from the time that send was given to
    the end of the echo.
    """

    def __init__(
        self, payload: bytes, *, text: bool, done: Callable[[Client, float], None]
    ) -> None:
        self._payload, self._wanted = payload, payload
        self._seen = bytearray()  # of the first echo, which is compared whole
        self._type = picows.WSMsgType.TEXT if text else picows.WSMsgType.BINARY
        self._is_deflated = False
        self._done = done
        self._sent: deque[float] = deque()
        self._got = 0
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.gone = ""

    @property
    def waits(self) -> bool:
        """Whether an echo is on its way."""
        return bool(self._sent)

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport
        accepted = transport.response.headers.get("Sec-WebSocket-Extensions", "")
        if "permessage-deflate" in accepted:
            self._is_deflated = True
            self._payload = deflated(self._wanted, window_bits(accepted))

    def send(self, since: float | None = None) -> None:
        """since: when the message was due; now, if it is not given."""
        self._sent.append(time.perf_counter() if since is None else since)
        self._transport.send(self._type, self._payload, True, self._is_deflated)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.CLOSE:
            self._fail(f"closed with {frame.get_close_code()}")
            return
        if frame.msg_type > picows.WSMsgType.BINARY:
            return  # a ping, which picows answers
        self._got += frame.payload_size
        if not self.first.done():
            self._seen += frame.get_payload_as_memoryview()
        if not frame.fin:
            return
        if not self._is_deflated and self._got != len(self._wanted):
            self._fail(f"an echo of {self._got} bytes to {len(self._wanted)}")
            return
        self._got = 0
        took = time.perf_counter() - self._sent.popleft()
        if not self.first.done():
            self._compare()
        self._done(self, took)

    def _compare(self) -> None:
        echo = inflated(bytes(self._seen)) if self._is_deflated else bytes(self._seen)
        if echo == self._wanted:
            self.first.set_result(None)
        else:
            self._fail("the first echo is not what was sent")

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if not self.stopped:
            self._fail("closed without a Close frame")

    def _fail(self, why: str) -> None:
        self.gone = self.gone or why
        if not self.first.done():
            self.first.set_exception(LoadError(why))

    def leave(self) -> None:
        self.stopped = True
        self._transport.disconnect()


async def open_all(
    make: Callable[[], L],
    urls: Sequence[str],
    trusted: ssl.SSLContext,
    headers: dict[str, str] | None = None,
) -> list[L]:
    """A listener for each URL, connected. Raises LoadError."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(url: str) -> L:
        async with gate:
            _, listener = await picows.ws_connect(
                make,
                url,
                ssl_context=trusted if url.startswith("wss") else None,
                extra_headers=headers,
            )
            return listener  # type: ignore[no-any-return]

    try:
        return await asyncio.gather(*map(one, urls))
    except (OSError, TimeoutError, picows.WSError) as error:
        text = str(error) or type(error).__name__
        raise LoadError(f"{urls[0]} takes no connection: {text}") from error


async def connect(
    url: str, case: Case, trusted: ssl.SSLContext, done: Callable[[Client, float], None]
) -> list[Client]:
    """All connections of a case, open and silent. Raises LoadError."""
    payload = message(case)
    return await open_all(
        lambda: Client(payload, text=case.json, done=done),
        [url] * case.connections,
        trusted,
        OFFER if case.offers else None,
    )


async def all_have_echoed(clients: Sequence[Client]) -> None:
    """Raises LoadError."""
    for client in clients:
        client.send()
    try:
        await asyncio.wait_for(asyncio.gather(*(client.first for client in clients)), _ANSWER)
    except TimeoutError as error:
        raise LoadError(f"no echo came back in {_ANSWER:.0f} s") from error


def check(clients: Sequence[Client]) -> None:
    """Raises LoadError if one has lost its connection."""
    if lost := [client.gone for client in clients if client.gone]:
        raise LoadError(f"{len(lost)} of {len(clients)} connections: {lost[0]}")


async def until(condition: Callable[[], bool], seconds: float, why: str) -> None:
    """Raises LoadError with why, if the condition does not hold within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LoadError(why)
        await asyncio.sleep(0.005)


async def window(seconds: float, look: Callable[[], T]) -> Window[T]:
    """look: called right before and right after."""
    before = look()
    own, started = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    own, lasted = time.process_time() - own, time.perf_counter() - started
    return Window(lasted, own, before, look())


async def _closed(
    url: str, case: Case, trusted: ssl.SSLContext, seconds: float, look: Callable[[], T]
) -> tuple[Window[T], list[float]]:
    latencies: list[float] = []

    def done(client: Client, took: float) -> None:
        latencies.append(took)
        if not client.stopped:
            client.send()

    clients = await connect(url, case, trusted, done)
    try:
        await all_have_echoed(clients)
        await asyncio.sleep(seconds / 4)  # caches and window sizes settle
        latencies.clear()
        found = await window(seconds, look)
        taken = list(latencies)
        check(clients)
    finally:
        for client in clients:
            client.leave()
    return found, taken


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def closed(
    url: str, case: Case, trusted: ssl.SSLContext, seconds: float, look: Callable[[], T]
) -> tuple[Window[T], list[float]]:
    """Each connection sends again when its echo is whole. Returns the seconds of each echo,
    too. Raises LoadError."""
    return run(_closed(url, case, trusted, seconds, look))
