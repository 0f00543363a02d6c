"""Fan-out: a message from one client of the chat in examples/, to all that are in its room."""

from __future__ import annotations

import logging
import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import picows

from bench import figures, load, turns
from bench.contenders import Contender
from bench.errors import LoadError
from bench.findings import Fanned, FanTable
from bench.rows import Costs, median
from bench.windows import costs, looking

log = logging.getLogger(__name__)

TEXT = b"x" * 100
_SAID = b'"said"'
_DEADLINE = 20.0


@dataclass(frozen=True)
class _Round:
    costs: Costs
    per_second: float
    times: list[float]


class Listener(picows.WSListener):  # type: ignore[misc] # compiled: mypy does not see its class
    """In the room. heard: called at each message of the room's."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self.came = 0  # joined: itself and those after it
        self.stopped = False
        self.gone = ""

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.CLOSE:
            self.gone = f"closed with {frame.get_close_code()}"
        elif frame.msg_type <= picows.WSMsgType.BINARY:
            # Events are short, and a server sends each as one frame.
            event = frame.get_payload_as_bytes()
            if _SAID in event:
                self._heard()
            elif b'"came"' in event:
                self.came += 1

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if not self.stopped:
            self.gone = self.gone or "closed without a Close frame"

    def say(self) -> None:
        self._transport.send(picows.WSMsgType.TEXT, TEXT)

    def leave(self) -> None:
        self.stopped = True
        self._transport.disconnect()


def compare(
    contenders: Sequence[Contender],
    clients: int,
    trusted: ssl.SSLContext,
    *,
    rounds: int,
    seconds: float,
) -> FanTable:
    log.info("fan-out to %d clients", clients)
    taken = turns.take(
        contenders,
        rounds,
        lambda one: load.run(_round(one, clients, trusted, seconds)),
        f"fan-out to {clients}",
    )
    rows = [
        Fanned(one.name, one.version, missing=taken.failed[one.name])
        if one.name in taken.failed
        else _row(one, taken.found[one.name])
        for one in contenders
    ]
    others = [one.costs.others for found in taken.found.values() for one in found]
    return FanTable(clients, rows, others)


def _row(contender: Contender, rounds: Sequence[_Round]) -> Fanned:
    middle = median([one.costs for one in rounds])
    return Fanned(
        contender.name,
        contender.version,
        proxy=middle.proxy,
        app=middle.app,
        load=middle.load,
        per_second=figures.median([one.per_second for one in rounds]),
        p50=figures.median([figures.percentile(one.times, 0.5) for one in rounds]),
        p99=figures.median([figures.percentile(one.times, 0.99) for one in rounds]),
        spread=middle.spread,
    )


async def _round(
    contender: Contender, clients: int, trusted: ssl.SSLContext, seconds: float
) -> _Round:
    """One says something once everybody has what was said before. Raises LoadError."""
    heard, sent, times = 0, 0.0, list[float]()

    def hear() -> None:
        nonlocal heard, sent
        heard += 1
        if heard % clients == 0:
            now = time.perf_counter()
            times.append((now - sent) * 1e3)
            if not members[0].stopped:
                sent = now
                members[0].say()

    room = f"{contender.url}/rooms/{uuid.uuid4().hex}?name="
    urls = [f"{room}{number}" for number in range(clients)]
    members = await load.open_all(lambda: Listener(hear), urls, trusted)
    try:
        await load.until(
            lambda: sum(member.came for member in members) >= _joins(clients),
            *(_DEADLINE, f"the room did not hear of all {clients} clients"),
        )
        sent = time.perf_counter()
        members[0].say()
        await load.until(lambda: bool(times), _DEADLINE, "a message did not reach all clients")
        times.clear()
        before = heard
        window = await load.window(seconds, looking(contender))
        deliveries, taken = heard - before, list(times)
        if gone := [member.gone for member in members if member.gone]:
            raise LoadError(f"{len(gone)} of {clients} clients: {gone[0]}")
    finally:
        for member in members:
            member.leave()
    if not taken:
        raise LoadError(f"no message reached all {clients} clients in {seconds} s")
    return _Round(costs(contender, window, deliveries), deliveries / window.seconds, taken)


def _joins(clients: int) -> int:
    """How often clients are told that somebody came: each of itself, and of all after it."""
    return clients * (clients + 1) // 2
