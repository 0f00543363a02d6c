"""The stack without Docker: three processes under supervisord."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from certs import files, mint
from certs.hosts import HostError
from certs.settings import CHECKOUT
from stack import launch, nginx, ports, processes, ready, render, supervise
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
        supervisor.restart(service)
        self._wait(supervisor)

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
        except (mint.MintError, HostError) as error:
            raise StackError(str(error)) from error
        runtime = self._runtime_dir()
        values = render.variables(settings, runtime / "app.sock", runtime / "health.sock")
        revision = hashlib.sha256(repr(sorted(values.items())).encode())
        for source in sorted(path for path in render.SOURCE.rglob("*") if path.is_file()):
            revision.update(source.read_bytes())
        programs = self._programs(binary, revision.hexdigest(), runtime)
        changed = [n for n, p in programs.items() if launch.write(self._state, n, p)]
        if new or "nginx" in changed:
            render.render(values, self._state / "nginx")
            nginx.test(binary, self._state / "nginx")
        return changed

    def _programs(self, binary: Path, revision: str, runtime: Path) -> dict[str, Program]:
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
            "APP_SOCKET": str(runtime / "app.sock"),
            "LOG_LEVEL": settings.app.log_level,
            "WS_MAX_SIZE": str(settings.app.ws_max_size),
        }
        return {
            "certs": Program([python, "-m", "certs", "watch"], of_certs, str(CHECKOUT)),
            "nginx": Program(
                nginx.command(binary, folder), {}, folder, revision, [str(runtime / "health.sock")]
            ),
            "app": Program([python, "-m", "app"], of_app, str(CHECKOUT)),
        }

    def _start(self) -> supervise.Supervisor:
        runtime = self._runtime_dir()
        socket = runtime / "supervisor.sock"
        config = self._state / "supervisord.conf"
        config.write_text(supervise.config(runtime / "state", socket))
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
        supervisor = supervise.Supervisor(self._runtime_dir() / "supervisor.sock")
        return supervisor if supervisor.answers() else None

    def _wait(self, supervisor: supervise.Supervisor) -> None:
        """Until the stack answers. Raises StackError, with the log of a process
        that does not stay up."""

        def failed() -> str | None:
            with contextlib.suppress(OSError):
                for info in supervisor.processes():
                    if info["statename"] in ("BACKOFF", "FATAL", "EXITED"):
                        return f"{info['name']} does not start:\n{self._log_of(info['name'])}"
            return None

        ready.wait(self._settings, failed)

    def _log_of(self, name: str) -> str:
        lines: list[str] = []
        for path in (self._state / "logs").glob(f"{name}.*"):
            lines += path.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"

    def _down(self) -> None:
        supervisor = self._supervisor()
        if supervisor:
            with contextlib.suppress(OSError):
                supervisor.shutdown()
            processes.wait(processes.recorded(self._pids, supervise.NAME), _STOP_DEADLINE)
        self._stop_left()
        link = self._state / "runtime"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
            link.unlink()

    def _stop_left(self) -> None:
        for name in (supervise.NAME, *reversed(supervise.ORDER)):
            processes.stop(processes.recorded(self._pids, name), _LEFT_PATIENCE)

    def _runtime_dir(self) -> Path:
        """A folder of ours alone for sockets, with a path short enough for one.

        The state folder has a link to it, because another shell may have
        another XDG_RUNTIME_DIR; and it has one back, `state`, for supervisord,
        which does not take every path. Raises StackError.
        """
        link = self._state / "runtime"
        if link.is_dir() and link.stat().st_uid == os.geteuid():
            return link.resolve()
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        if not os.access(base, os.W_OK):
            base = Path(tempfile.gettempdir())
        mark = hashlib.sha256(str(self._state).encode()).hexdigest()[:12]
        folder = base / f"wss-stack-{os.geteuid()}-{mark}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if status.st_uid != os.geteuid() or status.st_mode & 0o077 or folder.is_symlink():
            raise StackError(f"{folder} is not yours alone; remove it, then: make up")
        for name, target in ((link, folder), (folder / "state", self._state)):
            name.unlink(missing_ok=True)
            name.symlink_to(target)
        return folder
