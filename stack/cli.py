"""python -m stack: what make's targets call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from certs import mint
from certs.settings import SettingError, environment
from stack import docker
from stack.base import SERVICES, Stack, StackError
from stack.docker import Docker
from stack.local import Local
from stack.settings import Settings, read, read_for_stopping


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for what went wrong, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        # A mistake in .env must not keep anybody from stopping what runs.
        settings = options.read(environment(strict=options.read is read))
        return int(options.run(settings, options))
    except SettingError as error:
        print(f"wss-stack: {error}", file=sys.stderr)
        return 2
    except (StackError, OSError) as error:
        print(f"wss-stack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("wss-stack: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description="Runs the stack.")
    commands = parser.add_subparsers(required=True, metavar="command")
    parser.set_defaults(read=read_for_stopping)
    command = commands.add_parser("up", help="start, wait, say where it is")
    command.set_defaults(run=_up, read=read)
    commands.add_parser("down", help="stop everything").set_defaults(run=_down)
    commands.add_parser("status", help="what runs").set_defaults(run=_status)
    command = commands.add_parser("logs", help="what the processes wrote")
    command.add_argument("--no-follow", dest="follow", action="store_false")
    command.set_defaults(run=_logs)
    command = commands.add_parser("restart", help="restart one process")
    command.add_argument("service", choices=SERVICES)
    command.set_defaults(run=_restart)
    return parser


def _say(text: str) -> None:
    print(f"wss-stack: {text}", file=sys.stderr, flush=True)


def _running(settings: Settings) -> list[Stack]:
    stacks: list[Stack] = [Local(settings, _say)]
    if docker.missing() is None:
        stacks.append(Docker(settings, _say))
    return [stack for stack in stacks if stack.running()]


def _choose(settings: Settings) -> Stack:
    """The stack that runs, else the one that MODE names, else what can be had."""
    for stack in _running(settings):
        if settings.mode not in (None, stack.mode):
            raise StackError(
                f"the stack runs already, in {stack.mode} mode. Stop it first: make down"
            )
        return stack
    why = docker.missing() if settings.mode != "local" else "MODE is local"
    if why is None:
        return Docker(settings, _say)
    if settings.mode == "docker":
        raise StackError(f"MODE is docker, but {why}. Without Docker: MODE=local make up")
    _say(f"running without Docker ({why})")
    return Local(settings, _say)


def _up(settings: Settings, _: argparse.Namespace) -> int:
    stack = _choose(settings)
    started = stack.up()
    word = "answers" if started else "runs already, nothing to change"
    print(f"The stack {word} ({stack.mode} mode).")
    print(f"page  {settings.url}/")
    print(f"echo  {settings.url.replace('https', 'wss')}/ws")
    print(f"root  {settings.certs.ca_home / mint.ROOT}")
    print("Next: make certs (makes every client trust it), make logs, make status, make down")
    return 0


def _down(settings: Settings, _: argparse.Namespace) -> int:
    running = _running(settings)
    for stack in running:
        _say(f"stopping ({stack.mode} mode)")
        stack.down()
    _say("stopped" if running else "nothing runs")
    return 0


def _status(settings: Settings, _: argparse.Namespace) -> int:
    running = _running(settings)
    table = Table("mode", "process", "state", box=None, pad_edge=False)
    well = bool(running)
    for stack in running:
        for service in stack.status():
            colour = "green" if service.well else "red"
            table.add_row(stack.mode, service.name, Text(service.state, colour))
            well = well and service.well
    console = Console(emoji=False, highlight=False)
    if running:
        console.print(table, soft_wrap=not console.is_terminal)
    else:
        _say("nothing runs; start it: make up")
    return 0 if well else 1


def _logs(settings: Settings, options: argparse.Namespace) -> int:
    running = _running(settings) or [Local(settings, _say)]
    running[0].logs(follow=options.follow)
    return 0


def _restart(settings: Settings, options: argparse.Namespace) -> int:
    running = _running(settings)
    if not running:
        raise StackError("nothing runs; start it: make up")
    running[0].restart(options.service)
    return 0
