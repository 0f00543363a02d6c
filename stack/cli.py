"""python -m stack: the commands behind make's targets."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Sequence

from certs import near_misses, output
from certs.dotenv import merged_environment
from stack import bootstrap, connections, docker, free_ports, recorded, shown
from stack.base import SERVICES, Stack, StackError
from stack.docker import Docker
from stack.local.local import Local
from stack.ready import SilentUpstreamError
from stack.settings import Settings, read, read_for_stopping

log = logging.getLogger(__name__)

STARTING = 3  # exit status of `status`; 2 is wrong usage, and make's own


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for what went wrong, 2 for wrong usage, STARTING."""
    options = _parser().parse_args(arguments)
    return output.exit_status("wss-stack", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    # `make down` must work even with a mistake in .env.
    warn = None if options.read is read else log.warning
    with output.told(_say):
        env = merged_environment(warn=warn)
        if options.starts:
            for text in near_misses.find():
                log.warning("%s", text)
        else:
            env = recorded.environment(env)
        return int(options.run(options.read(env), options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description="Runs the stack.")
    commands = parser.add_subparsers(required=True, metavar="command")
    parser.set_defaults(read=read_for_stopping, starts=False)
    command = commands.add_parser("up", help="start, wait, print the URLs")
    command.add_argument("--pull", action="store_true", help="newer base images first, in Docker")
    command.set_defaults(run=_up, read=read, starts=True)
    commands.add_parser("down", help="stop everything").set_defaults(run=_down)
    command = commands.add_parser("status", help="show the processes")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_status)
    command = commands.add_parser("logs", help="show the logs of all processes")
    command.add_argument("--no-follow", dest="follow", action="store_false")
    command.add_argument("--id", help="of one connection: its request id, or how that begins")
    command.set_defaults(run=_logs)
    command = commands.add_parser("restart", help="restart one process")
    command.add_argument("service", choices=SERVICES)
    command.set_defaults(run=_restart, read=read)
    return parser


def _say(text: str) -> None:
    print(f"wss-stack: {text}", file=sys.stderr, flush=True)


def _running(settings: Settings) -> Iterator[Stack]:
    """The stacks that run, local mode's first: Docker takes a moment to answer, and `down`
    can stop local mode before that."""
    local = Local(settings)
    found = local.running()
    if found:
        yield local
    there = Docker(settings)
    if there.may_run() and docker.why_unavailable() is None:
        try:
            runs = there.running()
        except StackError as error:
            # An error of Docker must not keep `down` from stopping local mode.
            if not found and settings.mode != "local":
                raise
            log.warning("Docker does not say what runs in it: %s", error)
            return
        if runs:
            yield there


def _choose(settings: Settings, *, pull: bool) -> Stack:
    """The stack that runs, else MODE's, else Docker's if it is usable, else local mode's."""
    for stack in _running(settings):
        if settings.mode not in (None, stack.mode):
            raise StackError(
                f"the stack runs already, in {stack.mode} mode. Stop it first: make down"
            )
        return Docker(settings, pull=pull) if stack.mode == Docker.mode else stack
    why = docker.why_unavailable() if settings.mode != "local" else "MODE is local"
    if why is None:
        return Docker(settings, pull=pull)
    if settings.mode == "docker":
        raise StackError(f"MODE is docker, but {why}. Without Docker: MODE=local make up")
    log.info("running without Docker (%s)", why)
    return Local(settings)


def _up(settings: Settings, options: argparse.Namespace) -> int:
    # Here, because cryptography takes a quarter of the time of `make status`.
    from certs import ca_home

    if why := bootstrap.why_not_with_sudo():
        raise StackError(why)
    ca_home.check_clock(settings.certs.ca_home)
    settings, stack, started = _start(settings, pull=options.pull)
    word = "answers" if started else "runs already, nothing to change"
    print(f"The stack {word} ({stack.mode} mode).")
    shown.print_places(settings)
    if version := stack.nginx():
        print(f"nginx   {version}")
    if uncovered := _uncovered(settings):
        log.warning("%s", uncovered)
    print("Next: make certs (makes every client trust it), make logs, make status, make down")
    return 0


def _start(settings: Settings, *, pull: bool) -> tuple[Settings, Stack, bool]:
    """The settings with the chosen ports, the stack, and the result of its up()."""
    lost: set[int] = set()
    runs = bool(settings.endpoint.auto) and any(True for _ in _running(settings))
    while True:
        chosen = free_ports.choose(settings, runs=runs, lost=lost)
        stack = _choose(chosen, pull=pull)
        try:
            started = stack.up()
        except SilentUpstreamError:
            recorded.write(chosen.state_dir, chosen.endpoint, chosen.env)  # the stack runs
            raise
        except StackError:
            taken = set() if runs else free_ports.taken(chosen, settings.endpoint.auto)
            if not taken:
                raise
            lost |= taken
            ports = " and ".join(map(str, sorted(taken)))
            log.warning("port %s was taken meanwhile: trying the next", ports)
        else:
            recorded.write(chosen.state_dir, chosen.endpoint, chosen.env)
            return chosen, stack, started


def _uncovered(settings: Settings) -> str:
    """A warning if no client can accept the URL, with the command to type; else empty."""
    bind = settings.endpoint.bind
    if bind.is_unspecified or bind in settings.certs.hosts.addresses:
        return ""
    return (
        f"the certificate is not for {bind}, which no authority may sign by default. Put names "
        f"that lead there into HOSTS, or permit the address: PERMIT={bind} HOSTS={bind} make "
        "certs, and the same with make up"
    )


def _down(settings: Settings, _: argparse.Namespace) -> int:
    stopped = False
    for stack in _running(settings):
        _say(f"stopping ({stack.mode} mode)")
        stack.down()
        stopped = True
    recorded.forget(settings.state_dir)
    _say("stopped" if stopped else "nothing runs")
    return 0


def _status(settings: Settings, options: argparse.Namespace) -> int:
    found = [(stack.mode, service) for stack in _running(settings) for service in stack.status()]
    own = shown.certificate(settings) if found else None
    bad = own is not None and own.ok is False
    ok = bool(found) and all(service.ok for _, service in found) and not bad
    if options.json:
        print(json.dumps(shown.report(settings, found, own, ok=ok), indent=2))
    elif found:
        shown.print_processes(found, own)
        shown.print_places(settings)
    else:
        _say("nothing runs; start it: make up")
    if found and all(service.ok or service.starting for _, service in found) and not bad:
        return 0 if ok else STARTING
    return 1


def _logs(settings: Settings, options: argparse.Namespace) -> int:
    stack = next(_running(settings), Local(settings))
    if options.id is None:
        stack.logs(follow=options.follow)
    else:
        print("\n".join(connections.lines(options.id, stack.written)))
    return 0


def _restart(settings: Settings, options: argparse.Namespace) -> int:
    stack = next(_running(settings), None)
    if stack is None:
        raise StackError("nothing runs; start it: make up")
    stack.restart(options.service)
    return 0
