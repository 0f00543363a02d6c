"""Who runs against whom, and what each contender is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from bench import contenders, ours
from bench.contenders import Contender, Entry
from bench.docker import Containers
from bench.ours import Home, Lane
from bench.programs import Programs, Tree, free_port
from bench.proxies import PEERS, Peer
from certs.dotenv import CHECKOUT

_ECHO = "app.main:app"
_CHAT = {
    "APP": "chat:app",
    "APP_PATH": str(CHECKOUT / "examples" / "fastapi-chat"),
    "RELOAD": "0",  # as where it is served for others
}
# Other servers, each as its manual starts it: its own defaults, and one worker as ours.
_SERVERS: dict[str, Callable[[str], list[str]]] = {
    "granian": lambda socket: ["--interface", "asgi", "--uds", socket, _ECHO],
    "hypercorn": lambda socket: ["--bind", f"unix:{socket}", _ECHO],
    "gunicorn": lambda socket: ["--worker-class", "asgi", "--bind", f"unix:{socket}", _ECHO],
}


class Backend:
    """One app that several proxies lead to: on a socket, and on a port for those that need it."""

    def __init__(self, programs: Programs, socket: Path, path: str, **env: str) -> None:
        """path: of the URL. Raises MissingError."""
        self.path = path
        self._programs, self._env, self._socket = programs, env, socket
        self.app = ours.app(programs, socket, **env)
        self._ported: tuple[int, Tree] | None = None

    def on_port(self) -> tuple[int, Tree]:
        """Raises MissingError."""
        if not self._ported:
            port = free_port()
            self._ported = port, ours.served(self._programs, port, **self._env)
        return self._ported

    def before(self, peer: Peer, leaf: Path) -> Contender:
        """The peer, in front of this app. Raises MissingError."""
        to, app = (self._socket, self.app) if peer.takes_sockets else self.on_port()
        running = peer.start(leaf, to, self._programs)
        return Contender(peer.name, running.version, running.url + self.path, running.tree, app)

    def alone(self) -> Contender:
        """The app without a proxy. Raises MissingError."""
        port, tree = self.on_port()
        url = f"ws://localhost:{port}{self.path}"
        return Contender(contenders.NO_TLS, _uvicorn(), url, None, tree)


class Field:
    def __init__(self, home: Home, containers: Containers) -> None:
        self._home, self._containers = home, containers

    def proxies(self, programs: Programs) -> list[Contender]:
        """In front of one app: the stack's nginx, Docker's, its peers, uvicorn's TLS, none.

        Raises MissingError where the stack itself does not start.
        """
        own, backend = self._stack(programs, "/ws")
        entries = [
            Entry(contenders.DOCKER, self._in_docker),
            *self._peers(backend),
            Entry(contenders.UVICORN_TLS, self._uvicorn_tls),
            Entry(contenders.NO_TLS, lambda _: backend.alone()),
        ]
        return [own, *(entry.started(programs) for entry in entries)]

    def chats(self, programs: Programs, *, quick: bool) -> list[Contender]:
        """The chat of examples/ behind the stack's nginx, behind its peers (unless it is to be
        quick), and alone. In Docker its packages would first have to be built in.

        Raises MissingError.
        """
        own, backend = self._stack(programs, "", **_CHAT)
        peers = [] if quick else self._peers(backend)
        entries = [*peers, Entry(contenders.NO_TLS, lambda _: backend.alone())]
        return [own, *(entry.started(programs) for entry in entries)]

    def cold(self, *, quick: bool) -> list[Entry]:
        """Each with an app of its own, for what is only to be seen in young programs; if it is
        to be quick, the stack's and none alone."""

        def behind(peer: Peer) -> Callable[[Programs], Contender]:
            def start(programs: Programs) -> Contender:
                socket = programs.folder / "app.sock"
                return Backend(programs, socket, "/ws").before(peer, self._home.leaf)

            return start

        def alone(programs: Programs) -> Contender:
            return Backend(programs, programs.folder / "app.sock", "/ws").alone()

        own = Entry(contenders.OURS, lambda programs: self._stack(programs, "/ws")[0])
        if quick:
            return [own, Entry(contenders.NO_TLS, alone)]
        return [
            own,
            Entry(contenders.DOCKER, self._in_docker),
            *(Entry(peer.name, behind(peer)) for peer in PEERS),
            Entry(contenders.NO_TLS, alone),
            Entry(contenders.WITH_DEFLATE, self._deflating),
        ]

    def servers(self, programs: Programs, own: Contender) -> list[Contender]:
        """Behind the stack's nginx: its app, and the same app in others' servers."""

        def other(name: str) -> Callable[[Programs], Contender]:
            def start(programs: Programs) -> Contender:
                lane = Lane.start(name, self._home, programs)
                program = Path(sys.executable).parent / name
                argv: list[str | Path] = [program, *_SERVERS[name](str(lane.app_socket))]
                tree = programs.start(name, argv, lane.app_socket, cwd=CHECKOUT)
                version = metadata.version(name)
                return Contender(name, version, f"{lane.url}/ws", lane.nginx, tree)

            return start

        def wsproto(programs: Programs) -> Contender:
            lane = Lane.start("wsproto", self._home, programs)
            tree = ours.served(programs, lane.app_socket, BENCH_WS="wsproto")
            version = metadata.version("wsproto")
            url = f"{lane.url}/ws"
            return Contender("uvicorn with wsproto", version, url, lane.nginx, tree)

        entries = [
            Entry("uvicorn with wsproto", wsproto),
            *(Entry(name, other(name)) for name in _SERVERS),
        ]
        first = replace(own, version=_uvicorn())
        return [first, *(entry.started(programs) for entry in entries)]

    def deflate(self, programs: Programs, own: Contender) -> list[Contender]:
        """What a client's offer of permessage-deflate changes, with WS_DEFLATE off and on."""
        taken = Entry(contenders.TAKEN, self._deflating).started(programs)
        return [
            replace(own, name=contenders.NOT_OFFERED),
            replace(own, name=contenders.OFFERED, offers=True),
            replace(taken, name=contenders.TAKEN),
        ]

    def _stack(self, programs: Programs, path: str, **env: str) -> tuple[Contender, Backend]:
        """As `make up` starts it without Docker. Raises MissingError."""
        lane = Lane.start(f"{programs.folder.name}-{len(env)}", self._home, programs)
        backend = Backend(programs, lane.app_socket, path, **env)
        url = lane.url + path
        return Contender(contenders.OURS, lane.version, url, lane.nginx, backend.app), backend

    def _deflating(self, programs: Programs) -> Contender:
        made, _ = self._stack(programs, "/ws", WS_DEFLATE="1")
        return replace(made, name=contenders.WITH_DEFLATE, offers=True)

    def _in_docker(self, programs: Programs) -> Contender:
        running = self._containers.up()
        url = f"{running.url}/ws"
        return Contender(contenders.DOCKER, running.version, url, running.nginx, running.app)

    def _peers(self, backend: Backend) -> list[Entry]:
        def before(peer: Peer) -> Callable[[Programs], Contender]:
            return lambda _: backend.before(peer, self._home.leaf)

        return [Entry(peer.name, before(peer)) for peer in PEERS]

    def _uvicorn_tls(self, programs: Programs) -> Contender:
        port = free_port()
        tree = ours.served(programs, port, BENCH_LEAF=str(self._home.leaf))
        url = f"wss://localhost:{port}/ws"
        return Contender(contenders.UVICORN_TLS, _uvicorn(), url, None, tree)


def _uvicorn() -> str:
    return f"uvicorn {metadata.version('uvicorn')}"
