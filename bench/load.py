"""The load: echo round trips in a closed loop, from this process, and its own cost."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import picows
import uvloop

from bench.messages import Case, deflated, inflated, message, window_bits

# Handshakes at once: more would only wait for each other.
_AT_ONCE = 32
_ANSWER = 10.0  # seconds until a first echo has to be back
_OFFER = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}

T = TypeVar("T")


class LoadError(Exception):
    """An echo that did not come, or that is not what was sent."""


@dataclass(frozen=True)
class Window(Generic[T]):
    """What happened between two looks at the machine."""

    seconds: float
    latencies: list[float]  # seconds, one an echo
    own_cpu: float  # seconds of this process
    before: T
    after: T


class Client(picows.WSListener):  # type: ignore[misc] # compiled: mypy does not see its class
    """One connection: sends again when its echo is whole."""

    def __init__(self, payload: bytes, *, text: bool, latencies: list[float]) -> None:
        self._payload, self._wanted = payload, payload
        self._seen = bytearray()  # of the first echo, which is compared whole
        self._type = picows.WSMsgType.TEXT if text else picows.WSMsgType.BINARY
        self._is_deflated = False
        self._latencies = latencies
        self._got = 0
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.gone = ""

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport
        accepted = transport.response.headers.get("Sec-WebSocket-Extensions", "")
        if "permessage-deflate" in accepted:
            self._is_deflated = True
            self._payload = deflated(self._wanted, window_bits(accepted))

    def send(self) -> None:
        self._sent = time.perf_counter()
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
        self._latencies.append(time.perf_counter() - self._sent)
        if not self.first.done():
            self._compare()
        if not self.stopped:
            self.send()

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


async def connect(
    url: str, case: Case, trusted: ssl.SSLContext, latencies: list[float]
) -> list[Client]:
    """All connections of a case, open and silent. Raises LoadError."""
    payload, gate = message(case), asyncio.Semaphore(_AT_ONCE)

    async def one() -> Client:
        async with gate:
            _, client = await picows.ws_connect(
                lambda: Client(payload, text=case.json, latencies=latencies),
                url,
                ssl_context=trusted if url.startswith("wss") else None,
                extra_headers=_OFFER if case.json else None,
            )
            return client  # type: ignore[no-any-return]

    try:
        return await asyncio.gather(*(one() for _ in range(case.connections)))
    except (OSError, TimeoutError, picows.WSError) as error:
        raise LoadError(f"{url} takes no connection: {error or type(error).__name__}") from error


async def all_have_echoed(clients: list[Client]) -> None:
    """Raises LoadError."""
    for client in clients:
        client.send()
    try:
        await asyncio.wait_for(asyncio.gather(*(client.first for client in clients)), _ANSWER)
    except TimeoutError as error:
        raise LoadError(f"no echo came back in {_ANSWER:.0f} s") from error


async def _measure(
    url: str, case: Case, trusted: ssl.SSLContext, seconds: float, look: Callable[[], T]
) -> Window[T]:
    latencies: list[float] = []
    clients = await connect(url, case, trusted, latencies)
    try:
        await all_have_echoed(clients)
        await asyncio.sleep(seconds / 4)  # caches and window sizes settle
        before = look()
        latencies.clear()
        own, started = time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        taken, own = list(latencies), time.process_time() - own
        lasted = time.perf_counter() - started
        after = look()
        if lost := [client.gone for client in clients if client.gone]:
            raise LoadError(f"{len(lost)} of {case.connections} connections: {lost[0]}")
    finally:
        for client in clients:
            client.leave()
    return Window(lasted, taken, own, before, after)


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def measure(
    url: str, case: Case, trusted: ssl.SSLContext, seconds: float, look: Callable[[], T]
) -> Window[T]:
    """look: called right before and right after. Raises LoadError."""
    return run(_measure(url, case, trusted, seconds, look))
