"""The stack's own parts: its certificate, its nginx as it ships, its app."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.most import MOST
from bench.programs import Programs, Tree, free_port
from certs import mint
from certs.ca_home import ROOT
from certs.dotenv import CHECKOUT
from certs.leaf_dir import LEAF
from stack.local import nginx, render, sockets
from stack.settings import Settings, read

# The limits count connections, and cost the same whatever they are. All of a benchmark's
# connections come from one address, quicker than a browser's.
LIMITS = {
    "MAX_CONNECTIONS": str(MOST),
    "MAX_CONNECTIONS_PER_ADDRESS": str(MOST),
    "HANDSHAKES_PER_SECOND": str(MOST),
}


@dataclass(frozen=True)
class Home:
    """A folder with an authority and a leaf of its own: no trust store knows them."""

    folder: Path

    @property
    def leaf(self) -> Path:
        return self.folder / "leaf" / LEAF

    def settings(self, **env: str) -> Settings:
        return read(
            {
                "HOME": str(self.folder),
                "CA_HOME": str(self.folder / "ca"),
                "LEAF_DIR": str(self.folder / "leaf"),
                **LIMITS,
                **env,
            }
        )

    @property
    def root(self) -> Path:
        return self.folder / "ca" / ROOT

    def mint(self) -> ssl.SSLContext:
        """Returns what trusts it."""
        mint.ensure(self.settings().certs)
        return ssl.create_default_context(cafile=str(self.root))


@dataclass(frozen=True)
class Lane:
    """An nginx and the socket that it leads to: the app behind it may be any server."""

    url: str
    app_socket: Path
    version: str
    nginx: Tree

    @classmethod
    def start(cls, name: str, home: Home, programs: Programs) -> Lane:
        """nginx alone. Raises MissingError, StackError."""
        chosen = nginx.find(None)
        https, http = free_port(), free_port()
        settings = home.settings(
            HTTPS_PORT=str(https), HTTP_PORT=str(http), STATE_DIR=str(home.folder / name)
        )
        state = settings.state_dir.resolve()
        (state / "nginx").mkdir(parents=True, mode=0o700)
        folder = sockets.folder(state, render.links(settings))
        render.render(render.variables(settings, folder, http2=chosen.http2), state / "nginx-conf")
        argv = nginx.command(chosen.binary, state / "nginx", state / "nginx-conf")
        tree = programs.start("nginx", argv, https)
        library = tls_library(nginx_build(chosen.binary))
        url = f"wss://localhost:{https}"
        return cls(url, folder / "app.sock", f"nginx {chosen.version}, {library}", tree)


def nginx_build(binary: Path) -> str:
    done = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def tls_library(build: str) -> str:
    """Of the output of `nginx -V`: the library that it runs with, if that is another one than
    it was built with."""
    found = re.findall(r"(?:built|running) with (\S+ [\d.]+)", build)
    return found[-1] if found else "an unknown TLS library"


def remove_sockets(home: Home) -> None:
    """They lie outside of the folder, where their paths are short."""
    for link in home.folder.glob("*/runtime"):
        sockets.remove(link.parent)


def app(programs: Programs, socket: Path, **env: str) -> Tree:
    """The process that `make up` starts, with the echo. Raises MissingError."""
    return programs.start(
        "the app",
        [sys.executable, "-m", "uvicorn_runner"],
        socket,
        env={"APP": "", "LOG_LEVEL": "info", **env, "APP_SOCKET": str(socket)},
        cwd=CHECKOUT,
    )


def served(programs: Programs, where: int | Path, **env: str) -> Tree:
    """The same app, as bench/served.py has it. Raises MissingError."""
    to = {"BENCH_PORT": str(where)} if isinstance(where, int) else {"APP_SOCKET": str(where)}
    return programs.start(
        "uvicorn",
        [sys.executable, "-m", "bench.served"],
        where,
        env={"APP": "", "APP_SOCKET": "", "LOG_LEVEL": "info", **to, **env},
        cwd=CHECKOUT,
    )
