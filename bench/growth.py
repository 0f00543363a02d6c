"""How memory and CPU grow with the number of open connections."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence

from bench import load
from bench.contenders import Contender
from bench.errors import LoadError
from bench.findings import Grown, Step
from bench.load import Client
from bench.messages import Case
from bench.windows import costs, looking

log = logging.getLogger(__name__)

_SETTLED = 0.3  # seconds after the last echo
_DRAIN = 5.0
_BUSY = 32  # connections that echo while the others are idle
_FIRST = 16
SIZE = 128


def grow(
    contender: Contender, steps: Sequence[int], trusted: ssl.SSLContext, seconds: float
) -> Grown:
    """contender: ready, and just started. Memory that a program has had once is not given back, and
    would hide what the next connection takes."""
    found: list[Step] = []
    why = contender.missing
    if why:
        return Grown(contender.name, contender.version, why)
    log.info("growth of %s to %d connections", contender.name, steps[-1])
    try:
        # What each worker loads at its first connection is no connection's.
        load.closed(contender.url, Case(SIZE, _FIRST), trusted, 0.05, lambda: None)
        load.run(_grow(contender, steps, trusted, seconds, found.append))
    except LoadError as error:
        why = str(error)
        log.warning("%s grows no further: %s", contender.name, error)
    return Grown(contender.name, contender.version, why, found)


async def _grow(
    contender: Contender,
    steps: Sequence[int],
    trusted: ssl.SSLContext,
    seconds: float,
    found: Callable[[Step], None],
) -> None:
    """Raises LoadError."""
    clients: list[Client] = []
    ring = _Ring(clients)
    empty = _resident(contender)
    try:
        for wanted in steps:
            ring.runs = False
            case = Case(SIZE, wanted - len(clients), offers=contender.offers)
            new = await load.connect(contender.url, case, trusted, ring.done)
            clients.extend(new)
            await load.all_have_echoed(new)
            await asyncio.sleep(_SETTLED)
            proxy, app = (
                None if now is None or before is None else (now - before) / 1024 / wanted
                for now, before in zip(_resident(contender), empty, strict=True)
            )
            ring.start(min(_BUSY, wanted))
            window = await load.window(seconds, looking(contender))
            echoes = ring.stop()
            await load.until(
                lambda: not any(client.waits for client in clients), *(_DRAIN, "echoes are missing")
            )
            load.check(clients)
            cost = costs(contender, window, echoes)
            found(Step(wanted, proxy, app, cost.proxy, cost.app, cost.load))
    finally:
        for client in clients:
            client.leave()


def _resident(contender: Contender) -> tuple[int | None, int | None]:
    proxy, app = contender.proxy, contender.app
    return proxy.resident() if proxy else None, app.resident() if app else None


class _Ring:
    """Echoes that go around all connections, a fixed number under way."""

    def __init__(self, clients: list[Client]) -> None:
        self._clients = clients
        self._turn = self._echoes = 0
        self.runs = False

    def done(self, client: Client, took: float) -> None:
        if self.runs:
            self._echoes += 1
            self._next()

    def start(self, under_way: int) -> None:
        self.runs, self._echoes = True, 0
        for _ in range(under_way):
            self._next()

    def stop(self) -> int:
        """Returns how many echoes there were."""
        self.runs = False
        return self._echoes

    def _next(self) -> None:
        self._turn = (self._turn + 1) % len(self._clients)
        self._clients[self._turn].send()
