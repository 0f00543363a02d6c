"""The stack without Docker: its processes under supervisord."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from certs import files
from certs.dotenv import CHECKOUT
from stack import ports, ready
from stack.base import SERVICES, Service, StackError
from stack.local import launcher, nginx, processes
from stack.local import sockets as runtime
from stack.local import supervisor as supervise
from stack.local.logs import Logs
from stack.local.pending import UNWANTED, How, Pending, plan
from stack.settings import Settings
from uvicorn_runner import health

log = logging.getLogger(__name__)

_STOP_DEADLINE = 30.0  # seconds; supervisord kills each process after 10
_LEFT_PATIENCE = 5.0
_START = 30  # seconds that an app may take to answer; start_period in docker-compose.yml


class Local:
    """See stack.base.Stack."""

    mode = "local"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state = settings.state_dir.resolve()
        self._pids = self._state / "pids"
        self._logs = Logs(self._state / "logs")

    def running(self) -> bool:
        recorded = (supervise.NAME, *supervise.ORDER)
        return self._supervisor() is not None or any(
            processes.recorded(self._pids, name) for name in recorded
        )

    def up(self) -> bool:
        from stack.local import loopback  # here, as in _prepare

        for folder in ("logs", "pids", "programs", "nginx"):
            files.make_folder(self._state / folder, 0o700)
        with files.locked_writes(self._state):
            supervisor = self._supervisor()
            if supervisor and not self._knows(supervisor):
                # The user deleted .run, or moved the checkout, while the stack ran.
                log.info("stopping what an earlier run left")
                self._down()
                supervisor = None
            if supervisor is None and self.running():
                log.info("stopping what an earlier run left")
                self._stop_left()
            started = supervisor is None
            pending = self._prepare(supervisor)
            self._logs.mark()
            try:
                if supervisor is None:
                    log.info("starting %s", ", ".join(self._wanted()))
                    supervisor = self._start()
                else:
                    self._apply(supervisor, pending)
                self._wait(supervisor)
                ports.check_held(self._settings, self._listening("nginx"))
                loopback.tell_which_answers(self._settings)
            except ready.SilentUpstreamError:
                raise
            except (StackError, KeyboardInterrupt):
                if started:
                    self._down()
                raise
            return started or bool(pending)

    def _apply(self, supervisor: supervise.Supervisor, pending: Pending) -> None:
        again = []
        for name, (how, why) in pending.items():
            log.info("%s %s: %s", how.value, name, why)
            if how is How.STOP:
                supervisor.stop(name)
            elif how is How.RELOAD:
                nginx.reload(processes.led(self._pids, name)[0])
                program = launcher.read(self._state, name)
                processes.amend(self._pids, name, files=program.files if program else "")
            else:
                again.append(name)
        self._restart(supervisor, *again)

    def _restart(self, supervisor: supervise.Supervisor, *names: str) -> None:
        """Restarts these, and with nginx the app: all WebSockets end, and only the app can send
        their Close frames."""
        if "nginx" in names and "app" not in names and launcher.known(self._state, "app"):
            log.info("restarting app too: only the app can tell its clients that they are cut off")
            names = (*names, "app")
        supervisor.restart(*names)

    def down(self) -> None:
        if not self.running():
            return
        files.make_folder(self._state, 0o700)
        with files.locked_writes(self._state):
            self._down()

    def restart(self, service: str) -> None:
        supervisor = self._supervisor()
        if supervisor is None:
            raise StackError("nothing runs here; start it: make up")
        if not launcher.known(self._state, service):
            why = UNWANTED.get(service, "its record was deleted; fix: make up")
            raise StackError(f"there is no {service} process: {why}")
        self._logs.mark()
        self._restart(supervisor, service)
        self._wait(supervisor, known_app=False)

    def status(self) -> list[Service]:
        supervisor = self._supervisor()
        if supervisor is None:
            left = [name for name in SERVICES if processes.recorded(self._pids, name)]
            state = "runs, but nothing restarts it when it ends; fix: make up"
            return [Service(name, False, state) for name in left]
        found = sorted(supervisor.processes(), key=lambda info: SERVICES.index(info["name"]))
        if not self._knows(supervisor):
            state = "its records were deleted; fix: make up"
            return [
                Service(info["name"], False, state)
                for info in found
                if info["statename"] != "STOPPED"
            ]
        return [self._service(info) for info in found if launcher.known(self._state, info["name"])]

    def _service(self, info: Mapping[str, Any]) -> Service:
        # STARTING is the first second of each process: `make up` may have returned in it.
        runs = info["statename"] in ("RUNNING", "STARTING")
        state = f"{info['statename'].lower()}  {info['description']}".strip()
        if info["name"] == "app" and runs:
            # With RELOAD=1, supervisord sees only the reloader, not the process that serves.
            socket = runtime.existing(self._state) / "app.sock"
            why = health.why_not_ok(socket)
            # Without reload, uvicorn makes its socket when the app's startup is over.
            begins = not socket.exists() and info["now"] - info["start"] < _START
            return Service("app", not why, f"{state}; {why}" if why else state, begins)
        if info["name"] == "nginx" and (version := self.nginx()):
            state = f"{state}; {version}"
        return Service(info["name"], runs, state)

    def nginx(self) -> str:
        program = launcher.read(self._state, "nginx")
        try:
            return str(nginx.inspect(Path(program.argv[0]))) if program else ""
        except StackError as error:  # the program was deleted while it ran
            return str(error)

    def logs(self, *, follow: bool) -> None:
        self._logs.follow(on=follow)

    def written(self, service: str) -> list[str]:
        return self._logs.written(service)

    def _prepare(self, supervisor: supervise.Supervisor | None) -> Pending:
        """Writes the files of the processes. If this raises, running processes keep theirs."""
        # Here, because they import cryptography, which only `make up` needs.
        from stack.local import prepare, render

        settings = self._settings
        chosen = nginx.find(settings.nginx)
        ports.check(settings, ours=self._listening("nginx") | self._listening("metrics"))
        if exposed := nginx.check_bind(chosen, settings.endpoint.bind):
            log.warning("%s", exposed)
        sockets = runtime.folder(self._state, render.links(settings))
        wanted = prepare.prepare(settings, self._state, sockets, chosen)
        if supervisor is None:
            return {}
        states = {info["name"]: info["statename"] for info in supervisor.processes()}
        return plan(self._state, states, wanted)

    def _listening(self, name: str) -> set[tuple[str, int]]:
        return ports.listening(processes.recorded(self._pids, name))

    def _wanted(self) -> list[str]:
        return [name for name in supervise.ORDER if launcher.known(self._state, name)]

    def _start(self) -> supervise.Supervisor:
        sockets = runtime.existing(self._state)
        socket = sockets / "supervisor.sock"
        config = self._state / "supervisord.conf"
        config.write_text(supervise.config(sockets / "state", socket, self._wanted()))
        supervise.start(self._state, config, CHECKOUT)
        supervisor = supervise.Supervisor(socket)
        deadline = time.monotonic() + 15
        pause = threading.Event()
        while not supervisor.answers():
            if time.monotonic() > deadline:
                raise StackError(f"supervisord did not start:\n{self._logs.of('supervisord')}")
            pause.wait(0.02)
        return supervisor

    def _supervisor(self) -> supervise.Supervisor | None:
        """The supervisord that answers, even if its records were deleted."""
        socket = runtime.existing(self._state) / "supervisor.sock"
        supervisor = supervise.Supervisor(socket)
        return supervisor if socket.exists() and supervisor.answers() else None

    def _knows(self, supervisor: supervise.Supervisor) -> bool:
        """Whether this is the recorded supervisord, with this checkout's state folder."""
        recorded = [process.pid for process in processes.recorded(self._pids, supervise.NAME)]
        state = runtime.existing(self._state) / "state"
        return supervisor.pid() in recorded and state.resolve() == self._state

    def _wait(self, supervisor: supervise.Supervisor, *, known_app: bool = True) -> None:
        """Waits until the stack answers. Raises StackError, with the log of the
        process that failed."""

        # On a slow machine, a process that ends while it starts is RUNNING for supervisord by then:
        # it is started again at once, and the states below are there for a moment only.
        starts: defaultdict[str, set[int]] = defaultdict(set)

        def failed() -> str | None:
            with contextlib.suppress(OSError):
                for info in supervisor.processes():
                    if info["start"]:
                        starts[info["name"]].add(info["start"])
                    ended = info["statename"] in ("BACKOFF", "FATAL", "EXITED")
                    if ended or len(starts[info["name"]]) > 2:
                        return f"{info['name']} does not start:\n{self._logs.of(info['name'])}"
            return None

        ready.wait(self._settings, failed, known_app=known_app)

    def _down(self) -> None:
        supervisor = self._supervisor()
        if supervisor:
            with contextlib.suppress(OSError, psutil.NoSuchProcess):
                process = psutil.Process(supervisor.pid())
                for name in reversed(supervise.ORDER):
                    supervisor.ask_to_stop(name)
                    processes.wait(processes.led(self._pids, name), _STOP_DEADLINE)
                supervisor.shutdown()
                processes.wait([process], _STOP_DEADLINE)
        self._stop_left()
        runtime.remove(self._state)

    def _stop_left(self) -> None:
        for name in (supervise.NAME, *reversed(supervise.ORDER)):
            processes.stop(processes.recorded(self._pids, name), _LEFT_PATIENCE)
