"""python -m trust: makes every client on this machine trust the root, and proves it."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence

from certs import ca_home, near_misses, output, sudo
from certs.dotenv import merged_environment
from certs.settings import Settings, read
from stack import recorded
from trust import bundle, install, shells, untrust
from trust.proof import doctor
from trust.root import Root
from trust.session import Session

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status, which certs.output decides; 1 without a text if the reader of
    the output has ended (make doctor | head). Minting and writing to stores still go on to
    their end then."""
    options = _parser().parse_args(arguments)
    return output.exit_status("certs", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    sudo.leave_root()
    return int(options.run(read(recorded.environment(merged_environment())), options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trust", description="Makes clients trust the root, and proves it."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, text in (
        ("install", _install, "mint, make every client trust the root, prove it (make certs)"),
        ("doctor", _doctor, "prove it, client by client (make doctor)"),
        ("untrust", _untrust, "take back what was written (make untrust)"),
        ("remove", _remove, "untrust, and delete the authority"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="for programs")
        if name in ("install", "untrust"):
            command.add_argument("--dry-run", action="store_true", help="show the commands only")
        if name in ("install", "remove"):
            command.add_argument(
                "--yes", action="store_true", help="answer every question with yes"
            )
    command = commands.add_parser("env", help="exports for clients with a bundle of their own")
    command.add_argument("shell", nargs="?", choices=("sh", "fish", "powershell"), default="sh")
    command.set_defaults(run=_env)
    return parser


@contextlib.contextmanager
def _session(settings: Settings, options: argparse.Namespace) -> Iterator[Session]:
    yes = getattr(options, "yes", False)
    session = Session(settings, dict(os.environ), quiet=options.json, yes=yes)
    with output.told(session.say):
        for text in near_misses.find():
            log.warning("%s", text)
        yield session


def _install(settings: Settings, options: argparse.Namespace) -> int:
    with _session(settings, options) as session:
        return install.trust(session, dry_run=options.dry_run)


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    with _session(settings, options) as session:
        return doctor.run(session)


def _untrust(settings: Settings, options: argparse.Namespace) -> int:
    with _session(settings, options) as session:
        return untrust.untrust(session, dry_run=options.dry_run)


def _remove(settings: Settings, options: argparse.Namespace) -> int:
    with _session(settings, options) as session:
        return untrust.remove(session)


def _env(settings: Settings, options: argparse.Namespace) -> int:
    # Standard output is for the shell that evaluates it.
    with output.told(lambda line: print(f"certs: {line}", file=sys.stderr)):
        ca_home.ensure_authority(settings)
        root = Root.read(settings.ca_home / ca_home.ROOT)
        variables = bundle.prepare(os.environ, settings.ca_home, root)
    print(shells.render(variables, options.shell), end="")
    return 0
