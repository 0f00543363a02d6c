"""supervisord: its configuration, its start, and its XML-RPC interface."""

from __future__ import annotations

import contextlib
import http.client
import os
import shlex
import socket
import subprocess
import sys
import threading
import xmlrpc.client
from collections.abc import Container
from pathlib import Path
from typing import Any

from stack.base import StackError

# Processes start in this order and stop in the reverse one: the app stops first, and
# sends its clients a Close frame (1012) through nginx, which still runs.
ORDER = ("certs", "metrics", "nginx", "app")
NAME = "supervisord"
_POLL = 0.02  # seconds

_CONFIG = """\
; Written by `make up`.
[supervisord]
nodaemon = true
silent = true
directory = {state}
pidfile = {state}/supervisord.pid
logfile = {state}/logs/supervisord.log
logfile_maxbytes = 1MB
logfile_backups = 1
childlogdir = {state}/logs
{user}
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# supervisord retries a process that ends at once, at growing intervals, then gives up.
_PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autostart = {autostart}
autorestart = true
startsecs = 1
startretries = 10
stopsignal = {signal}
stopwaitsecs = {patience}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = {state}/logs/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 2
"""


def config(state_dir: Path, socket: Path, started: Container[str] = ORDER) -> str:
    """The text of supervisord.conf. started: the processes to start at once.

    Neither path may contain `%`: supervisord expands some values once and some
    twice, so no way to escape it is right for all.
    """
    text = _CONFIG.format(
        state=state_dir,
        socket=socket,
        # Without this line supervisord warns that it runs as root.
        user="user = root\n" if os.geteuid() == 0 else "",
    )
    for priority, name in enumerate(ORDER):
        command = shlex.join([sys.executable, "-m", "stack.local.launcher", str(state_dir), name])
        text += _PROGRAM.format(
            name=name,
            command=command.replace("%", "%%"),
            priority=priority,
            autostart=str(name in started).lower(),
            signal="QUIT" if name == "nginx" else "TERM",
            # nginx would wait for every WebSocket, and accept no new ones meanwhile.
            patience=5 if name == "nginx" else 10,
            state=state_dir,
        )
    return text


def start(state_dir: Path, config: Path, checkout: Path) -> None:
    """Starts supervisord with this configuration, in a session of its own."""
    with (state_dir / "logs" / f"{NAME}.out").open("wb") as output:
        subprocess.run(
            [sys.executable, "-m", "stack.local.supervisord", str(state_dir), str(config)],
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )


class Supervisor:
    """A running supervisord. Methods raise OSError when it does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def answers(self) -> bool:
        try:
            self._call("getState")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False
        return True

    def processes(self) -> list[dict[str, Any]]:
        """The result of supervisord's getAllProcessInfo."""
        found: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return found

    def restart(self, *names: str) -> None:
        """Stops all of these at once, then starts all of them. Raises StackError."""
        for name in names:
            self.ask_to_stop(name)
        pause = threading.Event()
        # The loop ends, because supervisord kills a process that takes too long.
        while any(i["statename"] == "STOPPING" for i in self.processes() if i["name"] in names):
            pause.wait(_POLL)
        for name in names:
            try:
                self._call("startProcess", name, False)
            except xmlrpc.client.Fault as fault:
                raise StackError(
                    f"supervisord does not start {name}: {fault.faultString}. Start again: "
                    "make down && make up"
                ) from fault

    def stop(self, name: str) -> None:
        with contextlib.suppress(xmlrpc.client.Fault):  # it does not run
            self._call("stopProcess", name)

    def ask_to_stop(self, name: str) -> None:
        """Returns at once. A caller in a hurry watches the process itself, because supervisord
        looks only once a second."""
        with contextlib.suppress(xmlrpc.client.Fault):  # it does not run
            self._call("stopProcess", name, False)

    def pid(self) -> int:
        return int(self._call("getPID"))

    def shutdown(self) -> None:
        self._call("shutdown")

    def _call(self, method: str, *arguments: object) -> Any:
        # ServerProxy wants a URL, which this transport ignores.
        transport = _OverSocket(self._socket)
        with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


class _OverSocket(xmlrpc.client.Transport):
    """supervisor has such a transport, but to import it takes longer than `make status` waits
    for all answers."""

    def __init__(self, socket_path: Path) -> None:
        super().__init__()
        self._path = socket_path

    def make_connection(self, _: object) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection = ("localhost", connection)  # for Transport.close
        connection.sock.connect(str(self._path))
        return connection
