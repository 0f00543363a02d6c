"""The stack without Docker: three processes under supervisord."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from certs import files, mint
from certs.hosts import HostError
from certs.settings import CHECKOUT, SettingError
from stack import launch, nginx, ports, processes, ready, render, runtime, supervise
from stack.base import SERVICES, Service, StackError
from stack.launch import Program
from stack.settings import Settings

_STOP_DEADLINE = 30.0  # seconds; supervisord kills each process after 10
_LEFT_PATIENCE = 5.0
_LOG_LINES = 20


class Local:
    """See stack.base.Stack."""

    mode = "local"

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._state = settings.state_dir.resolve()
        self._pids = self._state / "pids"
        self._marks: dict[str, int] = {}

    def running(self) -> bool:
        return any(
            processes.recorded(self._pids, name) for name in (supervise.NAME, *supervise.ORDER)
        )

    def up(self) -> bool:
        for folder in ("logs", "pids", "programs"):
            files.make_folder(self._state / folder, 0o700)
        with files.locked(self._state):
            supervisor = self._supervisor()
            if supervisor is None and self.running():
                self._say("stopping what an earlier run left")
                self._stop_left()
            started = supervisor is None
            changed = self._prepare(new=started)
            self._mark_logs()
            try:
                if supervisor is None:
                    self._say("starting certs, nginx and app")
                    supervisor = self._start()
                else:
                    for name in changed:
                        self._say(f"restarting {name}: its settings changed")
                        supervisor.restart(name)
                self._wait(supervisor)
            except (StackError, KeyboardInterrupt):
                if started:
                    self._down()
                raise
            return started or bool(changed)

    def down(self) -> None:
        if self._state.is_dir():
            with files.locked(self._state):
                self._down()

    def restart(self, service: str) -> None:
        supervisor = self._supervisor()
        if supervisor is None:
            raise StackError("nothing runs here; start it: make up")
        self._mark_logs()
        supervisor.restart(service)
        self._wait(supervisor, known_app=False)

    def status(self) -> list[Service]:
        supervisor = self._supervisor()
        if supervisor is None:
            left = [name for name in SERVICES if processes.recorded(self._pids, name)]
            return [
                Service(name, False, "runs without its supervisor; mend it: make up")
                for name in left
            ]
        return [
            Service(
                info["name"],
                info["statename"] in ("RUNNING", "STARTING"),
                f"{info['statename'].lower()}  {info['description']}",
            )
            for info in sorted(
                supervisor.processes(), key=lambda info: SERVICES.index(info["name"])
            )
        ]

    def logs(self, *, follow: bool) -> None:
        names = [str(path) for path in sorted((self._state / "logs").glob("*.log"))]
        if not names:
            raise StackError("there are no logs yet; start the stack: make up")
        with contextlib.suppress(KeyboardInterrupt):
            subprocess.run(["tail", "-n", "100", *(["-F"] if follow else []), *names], check=False)

    def _prepare(self, *, new: bool) -> list[str]:
        """Writes all that the processes read; returns which must be restarted."""
        settings = self._settings
        binary = nginx.find(settings.nginx)
        if new:
            ports.check(settings)
        try:
            mint.everything(settings.certs, self._say)
        except HostError as error:
            raise SettingError(str(error)) from error
        except mint.MintError as error:
            raise StackError(str(error)) from error
        sockets = runtime.folder(self._state)
        values = render.variables(settings, sockets / "app.sock", sockets / "health.sock")
        programs = self._programs(binary, _digest(render.SOURCE, repr(values)), sockets)
        changed = [n for n, p in programs.items() if launch.differs(self._state, n, p)]
        if new or "nginx" in changed:
            render.render(values, self._state / "nginx")
            nginx.test(binary, self._state / "nginx")
        for name in changed:
            launch.write(self._state, name, programs[name])
        return changed

    def _programs(self, binary: Path, revision: str, sockets: Path) -> dict[str, Program]:
        settings, python = self._settings, sys.executable
        folder = str(self._state / "nginx")
        of_certs = {
            "HOSTS": " ".join(settings.certs.hosts.sans()),
            "PERMIT": settings.env.get("PERMIT", ""),
            "CA_HOME": str(settings.certs.ca_home),
            "LEAF_DIR": str(settings.certs.leaf_dir),
        }
        of_app = {
            "APP": settings.app.app,
            "APP_SOCKET": str(sockets / "app.sock"),
            "LOG_LEVEL": settings.app.log_level,
            "WS_MAX_SIZE": str(settings.app.ws_max_size),
        }
        return {
            "certs": Program(
                [python, "-m", "certs", "watch"],
                of_certs,
                str(CHECKOUT),
                _digest(CHECKOUT / "certs"),
            ),
            "nginx": Program(
                nginx.command(binary, folder), {}, folder, revision, [str(sockets / "health.sock")]
            ),
            "app": Program([python, "-m", "app"], of_app, str(CHECKOUT), _digest(CHECKOUT / "app")),
        }

    def _start(self) -> supervise.Supervisor:
        sockets = runtime.folder(self._state)
        socket = sockets / "supervisor.sock"
        config = self._state / "supervisord.conf"
        config.write_text(supervise.config(sockets / "state", socket))
        argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        launch.write(self._state, supervise.NAME, Program(argv, {}, str(CHECKOUT)))
        supervise.start(self._state, CHECKOUT)
        supervisor = supervise.Supervisor(socket)
        deadline = time.monotonic() + 15
        pause = threading.Event()
        while not supervisor.answers():
            if time.monotonic() > deadline:
                raise StackError(f"supervisord did not start:\n{self._log_of('supervisord')}")
            pause.wait(0.05)
        return supervisor

    def _supervisor(self) -> supervise.Supervisor | None:
        if not processes.recorded(self._pids, supervise.NAME):
            return None
        supervisor = supervise.Supervisor(runtime.folder(self._state) / "supervisor.sock")
        return supervisor if supervisor.answers() else None

    def _wait(self, supervisor: supervise.Supervisor, *, known_app: bool = True) -> None:
        """Until the stack answers. Raises StackError, with the log of a process
        that does not stay up."""

        def failed() -> str | None:
            with contextlib.suppress(OSError):
                for info in supervisor.processes():
                    if info["statename"] in ("BACKOFF", "FATAL", "EXITED"):
                        return f"{info['name']} does not start:\n{self._log_of(info['name'])}"
            return None

        ready.wait(self._settings, failed, known_app=known_app)

    def _mark_logs(self) -> None:
        """From here on _log_of shows what is written, and nothing of earlier runs."""
        logs = (self._state / "logs").iterdir()
        self._marks = {path.name: path.stat().st_size for path in logs}

    def _log_of(self, name: str) -> str:
        lines: list[str] = []
        for path in (self._state / "logs").glob(f"{name}.*"):
            data = path.read_bytes()
            mark = self._marks.get(path.name, 0)
            # Smaller than it was: supervisord began a new one.
            new = data[mark:] if len(data) >= mark else data
            lines += new.decode(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"

    def _down(self) -> None:
        supervisor = self._supervisor()
        if supervisor:
            with contextlib.suppress(OSError):
                supervisor.shutdown()
            processes.wait(processes.recorded(self._pids, supervise.NAME), _STOP_DEADLINE)
        self._stop_left()
        runtime.remove(self._state)

    def _stop_left(self) -> None:
        for name in (supervise.NAME, *reversed(supervise.ORDER)):
            processes.stop(processes.recorded(self._pids, name), _LEFT_PATIENCE)


def _digest(folder: Path, also: str = "") -> str:
    """Of all sources in a folder: what has changed must be restarted."""
    found = hashlib.sha256(also.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "out" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()
