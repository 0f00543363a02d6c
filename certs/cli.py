"""python -m certs: the commands."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from certs import files, leaf, mint, output, report, user, watch
from certs.authority import AuthorityError
from certs.environment import NoPublicRootsError
from certs.hosts import HostError
from certs.ledger import LedgerError
from certs.settings import SettingError, Settings, environment, read

if TYPE_CHECKING:
    from certs.session import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for what went wrong, 2 for wrong usage, 130 for Ctrl-C.

    Also 1, without a word, where nobody reads what is said any more (make doctor |
    head); but what mints and what writes to stores goes on to its end: see certs.output.
    """
    options = _parser().parse_args(arguments)
    try:
        code = _run(options)
        print(end="", flush=True)  # not only at the end, where nobody catches it
    except BrokenPipeError:
        output.discard(sys.stdout, sys.stderr)
        return 1
    return code


def _run(options: argparse.Namespace) -> int:
    try:
        theirs = user.become(os.environ)
        os.environ.clear()
        os.environ.update(theirs)
        return int(options.run(read(environment()), options))
    except (HostError, SettingError) as error:
        print(f"certs: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        raise
    except (mint.MintError, AuthorityError, LedgerError, NoPublicRootsError, OSError) as error:
        print(f"certs: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("certs: interrupted; nothing is half-written", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m certs", description="Mints and keeps what nginx serves and clients trust."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("mint", help="make what is missing or stale, touch no store")
    command.set_defaults(run=_mint)

    command = commands.add_parser("status", help="authority, leaf, hosts, days left")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_status)

    command = commands.add_parser("watch", help="mint, and keep it current until stopped")
    command.add_argument("--healthy", type=Path, help="a file that is touched while all is well")
    command.set_defaults(run=_watch)

    for name, run, text in (
        ("trust", _trust, "mint, make every client trust the root, prove it (make certs)"),
        ("doctor", _doctor, "prove it, client by client (make doctor)"),
        ("untrust", _untrust, "take back what was written (make untrust)"),
        ("remove", _remove, "that, and delete the authority"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="for programs")
        if name in ("trust", "untrust"):
            command.add_argument("--dry-run", action="store_true", help="show the commands only")
        if name in ("trust", "remove"):
            command.add_argument(
                "--yes", action="store_true", help="answer every question with yes"
            )

    command = commands.add_parser("env", help="exports for clients with a bundle of their own")
    command.add_argument("shell", nargs="?", choices=("sh", "fish", "powershell"), default="sh")
    command.set_defaults(run=_env)

    command = commands.add_parser("export", help="write fullchain.pem and privkey.pem")
    command.add_argument("folder", type=Path, help="where to; made if it is missing")
    command.set_defaults(run=_export)
    return parser


def _mint(settings: Settings, _: argparse.Namespace) -> int:
    with output.lasting():
        authority = mint.everything(settings, print)
    root = settings.ca_home / mint.ROOT
    console = Console(emoji=False, highlight=False)
    console.print(f"Authority: {authority.name}", soft_wrap=True, markup=False)
    console.print(f"SHA-256:   {authority.fingerprint}", soft_wrap=True, markup=False)
    console.print(f"Hosts:     {', '.join(settings.hosts.sans())}", soft_wrap=True, markup=False)
    console.print(f"Root:      {root}", soft_wrap=True, markup=False)
    console.print(
        "\nClients trust the stack once they trust that root. It is public and can sign only the\n"
        "names and private addresses above. Try it:\n"
        f'  curl --cacert "{root}" https://localhost:8443/\n'
        "or add it to a browser: Settings, Certificates, Authorities, Import.",
        soft_wrap=True,
        markup=False,
    )
    return 0


def _status(settings: Settings, options: argparse.Namespace) -> int:
    status = report.look(settings)
    if options.json:
        print(report.as_json(status))
    else:
        report.show(status, Console(emoji=False, highlight=False))
    return 1 if status.problems else 0


def _watch(settings: Settings, options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="certs: %(message)s", stream=sys.stdout)
    watch.run(settings, options.healthy)
    return 0


def _export(settings: Settings, options: argparse.Namespace) -> int:
    with output.lasting():
        mint.everything(settings, print)
    key, chain = leaf.split((settings.leaf_dir / mint.LEAF).read_bytes())
    files.make_folder(options.folder, 0o755)
    with files.locked(options.folder):
        files.write(options.folder / "fullchain.pem", chain, files.PUBLIC)
        files.write(options.folder / "privkey.pem", key, files.SECRET)
    print(f"wrote fullchain.pem and privkey.pem (secret) to {options.folder}")
    return 0


# Trust is loaded when it is asked for: the certs container has no part in it,
# nor the packages that it needs.


def _session(settings: Settings, options: argparse.Namespace) -> Session:
    from certs.session import Session

    yes = getattr(options, "yes", False)
    return Session(settings, dict(os.environ), quiet=options.json, yes=yes)


def _trust(settings: Settings, options: argparse.Namespace) -> int:
    from certs import actions

    return actions.install(_session(settings, options), dry_run=options.dry_run)


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    from certs import actions

    return actions.prove(_session(settings, options))


def _untrust(settings: Settings, options: argparse.Namespace) -> int:
    from certs import removal

    return removal.remove(_session(settings, options), dry_run=options.dry_run)


def _remove(settings: Settings, options: argparse.Namespace) -> int:
    from certs import removal

    return removal.delete(_session(settings, options))


def _env(settings: Settings, options: argparse.Namespace) -> int:
    from certs import environment
    from certs.stores.base import Root

    def say(text: str) -> None:  # the shell reads the rest
        print(f"certs: {text}", file=sys.stderr)

    mint.ensure_authority(settings, say)
    root = Root.read(settings.ca_home / mint.ROOT)
    variables = environment.prepare(os.environ, settings.ca_home, root, say=say)
    print(environment.render(variables, options.shell), end="")
    return 0
