"""A well-behaved client beside a fault: it echoes numbered messages, and connects again when it
is cut. Another one connects afresh all the while.

Nothing may be lost, doubled or torn: what a connection sends back is compared, byte by byte and
in order, with what it was sent, until its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from tests.support.running import Running

# make soak: long faults, many of them, many messages.
SOAK = os.environ.get("SOAK") == "1"

CUT = 1006  # what a client calls a connection that ended without a Close frame
# Seconds that a machine which is busy with other tests may take. The table has the real ones.
BUSY = 60.0
_BURST = 8  # messages under way at once
PAUSE = 0.0 if SOAK else 0.01  # seconds, between bursts
_RETRY = 0.02
_PATIENCE = 120.0  # of a newcomer, and with a burst
# From one byte to more than any buffer on the way has (nginx's are 32k).
_SIZES = (0, 100, 3000, 0, 0, 70_000, 0, 0)


@dataclass
class Seen:
    """What the clients saw, in seconds."""

    messages: int = 0
    worst: float = 0.0  # from sending a burst to an echo of it
    codes: list[int] = field(default_factory=list)  # of the connections that ended
    heard: float = 0.0  # from the fault to the first end of a connection
    away: float = 0.0  # the longest from such an end to the next echo
    newcomers: int = 0
    unserved: float = 0.0  # the longest that a newcomer tried until it had an echo
    refusals: Counter[str] = field(default_factory=Counter)  # of single tries

    _fault: float = 0.0

    def fault_begins(self) -> None:
        self._fault = time.monotonic()

    def ended(self, code: int) -> None:
        if not self.codes:
            self.heard = time.monotonic() - self._fault
        self.codes.append(code)

    def figures(self) -> dict[str, float | int | str]:
        """For the table (tests/support/robustness.py)."""
        return {
            "close codes": " ".join(
                f"{code} x {count}" for code, count in sorted(Counter(self.codes).items())
            ),
            "heard after (s)": round(self.heard, 2) if self.codes else "",
            "served again (s)": round(max(self.away, self.unserved), 2),
            "worst latency (ms)": round(self.worst * 1000),
            "messages": self.messages,
        }

    def assert_unnoticed(self) -> None:
        """Nobody was cut, nobody was refused, nobody waited for long."""
        assert self.codes == []
        assert not self.refusals
        assert self.worst < BUSY
        assert self.unserved < BUSY

    def assert_back(self) -> None:
        assert max(self.away, self.unserved) < BUSY, self


class Steady:
    def __init__(
        self, stack: Running, sockets: int, pause: float, host: str, tls: ssl.SSLContext | None
    ) -> None:
        self.seen = Seen()
        self._url = f"wss://{host}:{stack.https_port}/ws"
        self._tls = tls or stack.tls
        self._sockets = sockets
        self._pause = pause
        self._stop = threading.Event()
        self._all_echo = threading.Event()
        self._echoing: set[int] = set()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        self._thread.start()
        assert self._all_echo.wait(_PATIENCE), "the clients did not get an echo"

    def end(self) -> None:
        """When all echo again. Raises AssertionError for a message that was lost, doubled or
        torn."""
        self._echoing.clear()
        self._all_echo.clear()
        self._all_echo.wait(_PATIENCE)
        self._stop.set()
        self._thread.join(_PATIENCE)
        if self._error:
            raise self._error
        assert self._all_echo.is_set(), f"not all clients came back: {self.seen}"

    def _run(self) -> None:
        try:
            asyncio.run(self._everyone())
        except BaseException as error:  # noqa: BLE001 # told to the test
            self._error = error
            self._all_echo.set()

    async def _everyone(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._sockets):
                group.create_task(self._stay(number))
            group.create_task(self._come_and_go())

    async def _stay(self, number: int) -> None:
        echoed, ended = 0, 0.0
        while not self._stop.is_set():
            try:
                async with self._connection() as client:
                    while not self._stop.is_set():
                        echoed = await self._burst(client, number, echoed)
                        if ended:
                            self.seen.away = max(self.seen.away, time.monotonic() - ended)
                            ended = 0.0
                        self._note_echo(number)
                        await asyncio.sleep(self._pause)
            except ConnectionClosed as end:
                self.seen.ended(end.rcvd.code if end.rcvd else CUT)
                ended = ended or time.monotonic()
            except (OSError, WebSocketException) as error:
                self._refused(error)
                await asyncio.sleep(_RETRY)

    async def _come_and_go(self) -> None:
        tried = 0.0
        while not self._stop.is_set():
            tried = tried or time.monotonic()
            try:
                async with self._connection() as client:
                    await self._burst(client, self._sockets, 0)
            except (OSError, WebSocketException) as error:
                self._refused(error)
            else:
                self.seen.newcomers += 1
                self.seen.unserved = max(self.seen.unserved, time.monotonic() - tried)
                tried = 0.0
                self._note_echo(self._sockets)
            await asyncio.sleep(max(_RETRY, self._pause))

    def _connection(self) -> connect:
        return connect(
            self._url,
            host="127.0.0.1",
            ssl=self._tls,
            proxy=None,
            compression=None,
            open_timeout=_PATIENCE,
            ping_interval=None,
        )

    async def _burst(self, client: ClientConnection, number: int, first: int) -> int:
        """The number after the last one that came back."""
        messages = [_message(number, first + place) for place in range(_BURST)]
        began = time.monotonic()
        async with asyncio.timeout(_PATIENCE):
            for message in messages:
                await client.send(message)
            for message in messages:
                echo = await client.recv()
                assert echo == message, f"sent {message:.40}, got {echo!r:.40}"
        self.seen.worst = max(self.seen.worst, time.monotonic() - began)
        self.seen.messages += _BURST
        return first + _BURST

    def _note_echo(self, number: int) -> None:
        self._echoing.add(number)
        if len(self._echoing) == self._sockets + 1:
            self._all_echo.set()

    def _refused(self, error: Exception) -> None:
        status = error.response.status_code if isinstance(error, InvalidStatus) else None
        self.seen.refusals[str(status or type(error).__name__)] += 1


def _message(number: int, place: int) -> str:
    return f"{number}:{place}:".ljust(_SIZES[place % len(_SIZES)], "-")


@contextlib.contextmanager
def steady(
    stack: Running,
    sockets: int = 4,
    pause: float = PAUSE,
    host: str = "localhost",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Seen]:
    """So many WebSockets echo all the while, with a pause (seconds) between bursts, and a
    newcomer after the other. tls: trusts the minted root alone, if there is none.

    Leaves when each of them has an echo again. An AssertionError if a message is lost, doubled
    or torn.
    """
    clients = Steady(stack, sockets, pause, host, tls)
    clients.begin()
    clients.seen.fault_begins()
    try:
        yield clients.seen
    except BaseException:
        clients._stop.set()
        raise
    clients.end()
