"""What an idle connection holds in memory, in the proxy and in the app."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence

from bench import load
from bench.contenders import Contender
from bench.load import LoadError
from bench.messages import Case
from bench.rows import Held

log = logging.getLogger(__name__)

_SETTLED = 0.5  # seconds after the last echo


def idle(contenders: Sequence[Contender], trusted: ssl.SSLContext, connections: int) -> list[Held]:
    """Of connections that have echoed 128 bytes once. To be called before any load: memory
    that a program has had once is not given back, and hides what the next connection takes.
    For the same reason an app that has served a contender already is not measured again."""
    log.info("memory of %d idle connections", connections)
    rows, warm = [], set()
    for contender in contenders:
        if contender.missing:
            continue
        is_cold = id(contender.app) not in warm
        warm.add(id(contender.app))
        try:
            proxy, app = load.run(_grown(contender, trusted, connections))
        except LoadError as error:
            log.warning("%s does not hold %d connections: %s", contender.name, connections, error)
            continue
        kib = connections * 1024
        rows.append(
            Held(
                contender.name,
                proxy / kib if contender.proxy else None,
                app / kib if is_cold else None,
            )
        )
    return rows


async def _grown(
    contender: Contender, trusted: ssl.SSLContext, connections: int
) -> tuple[int, int]:
    """Bytes more in proxy and app. Raises LoadError."""

    def resident() -> tuple[int, int]:
        trees = (contender.proxy, contender.app)
        proxy, app = (tree.resident() if tree else 0 for tree in trees)
        return proxy, app

    before = resident()
    clients = await load.connect(contender.url, Case(128, connections), trusted, [])
    try:
        for client in clients:
            client.stopped = True  # after one echo
        await load.all_have_echoed(clients)
        await asyncio.sleep(_SETTLED)
        after = resident()
    finally:
        for client in clients:
            client.leave()
    return after[0] - before[0], after[1] - before[1]
