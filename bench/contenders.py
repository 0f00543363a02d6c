"""Who runs against whom: three comparisons, and what each contender is made of."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench import ours
from bench.ours import Home, Lane
from bench.programs import Programs, Tree, free_port
from bench.proxies import PEERS
from certs.dotenv import CHECKOUT
from certs.errors import RefusalError

log = logging.getLogger(__name__)

OURS = "wss-stack"
ECHO = "app.main:app"


@dataclass(frozen=True)
class Contender:
    name: str
    version: str
    url: str = ""
    proxy: Tree | None = None
    app: Tree | None = None
    missing: str = ""  # why it is not measured

    @property
    def trees(self) -> list[Tree]:
        return [tree for tree in (self.proxy, self.app) if tree]


class Field:
    """Starts contenders, and turns what is missing into a row that says so."""

    def __init__(self, home: Home, programs: Programs) -> None:
        self._home, self._programs = home, programs
        self._lane = Lane.start("ours", home, programs)
        self._app = ours.app(programs, self._lane.app_socket)
        self.ours = Contender(
            OURS, f"nginx {self._lane.version}", self._lane.url, self._lane.nginx, self._app
        )

    def proxies(self) -> list[Contender]:
        """In front of one app: the stack's, its peers, uvicorn's TLS, and none."""
        uvicorn = f"uvicorn {metadata.version('uvicorn')}"
        socket, leaf = self._lane.app_socket, self._home.leaf

        def peer(number: int) -> Callable[[], Contender]:
            def start() -> Contender:
                what = PEERS[number]
                got = what.start(self._home.folder, leaf, socket, self._programs)
                return Contender(what.name, got.version, got.url, got.tree, self._app)

            return start

        def alone(name: str, scheme: str, **env: str) -> Callable[[], Contender]:
            def start() -> Contender:
                port = free_port()
                tree = ours.served(self._programs, port, **env)
                return Contender(name, uvicorn, f"{scheme}://localhost:{port}/ws", None, tree)

            return start

        return [
            self.ours,
            *(_or_missing(what.name, peer(n)) for n, what in enumerate(PEERS)),
            _or_missing(
                "uvicorn's own TLS", alone("uvicorn's own TLS", "wss", BENCH_LEAF=str(leaf))
            ),
            _or_missing("no proxy, no TLS", alone("no proxy, no TLS", "ws")),
        ]

    def servers(self) -> list[Contender]:
        """Behind the stack's nginx: the stack's uvicorn, and others with the same app."""
        own = Path(sys.executable).parent
        # Their own defaults, and one worker as ours.
        commands: dict[str, Callable[[Path], list[str | Path]]] = {
            "granian": lambda socket: [
                *(own / "granian", "--interface", "asgi", "--uds", socket, ECHO),
            ],
            "hypercorn": lambda socket: [own / "hypercorn", "--bind", f"unix:{socket}", ECHO],
            "gunicorn": lambda socket: [
                *(own / "gunicorn", "--worker-class", "asgi", "--bind", f"unix:{socket}", ECHO),
            ],
        }

        def other(name: str) -> Callable[[], Contender]:
            def start() -> Contender:
                lane = Lane.start(name, self._home, self._programs)
                argv = commands[name](lane.app_socket)
                tree = self._programs.start(name, argv, lane.app_socket, cwd=CHECKOUT)
                return Contender(name, metadata.version(name), lane.url, lane.nginx, tree)

            return start

        def wsproto() -> Contender:
            lane = Lane.start("wsproto", self._home, self._programs)
            tree = ours.served(self._programs, lane.app_socket, BENCH_WS="wsproto")
            version = metadata.version("wsproto")
            return Contender("uvicorn with wsproto", version, lane.url, lane.nginx, tree)

        return [
            self.ours,
            _or_missing("uvicorn with wsproto", wsproto),
            *(_or_missing(name, other(name)) for name in commands),
        ]

    def deflate(self) -> list[Contender]:
        """WS_DEFLATE off, as it is unless it is set, and on."""

        def on() -> Contender:
            lane = Lane.start("deflate", self._home, self._programs)
            tree = ours.app(self._programs, lane.app_socket, WS_DEFLATE="1")
            return Contender("WS_DEFLATE=1", self.ours.version, lane.url, lane.nginx, tree)

        off = self.ours
        return [
            Contender("WS_DEFLATE=0", off.version, off.url, off.proxy, off.app),
            _or_missing("WS_DEFLATE=1", on),
        ]


def _or_missing(name: str, start: Callable[[], Contender]) -> Contender:
    try:
        return start()
    except (RefusalError, OSError, metadata.PackageNotFoundError) as error:
        log.warning("%s is not measured: %s", name, error)
        return Contender(name, "", missing=str(error))
