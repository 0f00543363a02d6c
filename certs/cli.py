"""python -m certs: the commands."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from certs import files, leaf, mint, report, watch
from certs.hosts import HostError
from certs.settings import SettingError, Settings, environment, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for what went wrong, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(read(environment()), options))
    except (HostError, SettingError) as error:
        print(f"certs: {error}", file=sys.stderr)
        return 2
    except (mint.MintError, OSError) as error:
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

    command = commands.add_parser("mint", help="make what is missing or stale (make certs)")
    command.set_defaults(run=_mint)

    command = commands.add_parser("status", help="authority, leaf, hosts, days left")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_status)

    command = commands.add_parser("watch", help="mint, and keep it current until stopped")
    command.add_argument("--healthy", type=Path, help="a file that is touched while all is well")
    command.set_defaults(run=_watch)

    command = commands.add_parser("export", help="write fullchain.pem and privkey.pem")
    command.add_argument("folder", type=Path, help="where to; made if it is missing")
    command.set_defaults(run=_export)
    return parser


def _mint(settings: Settings, _: argparse.Namespace) -> int:
    authority = mint.everything(settings, print)
    root = settings.ca_home / mint.ROOT
    console = Console()
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
        report.show(status, Console())
    return 1 if status.problems else 0


def _watch(settings: Settings, options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="certs: %(message)s", stream=sys.stdout)
    watch.run(settings, options.healthy)
    return 0


def _export(settings: Settings, options: argparse.Namespace) -> int:
    mint.everything(settings, print)
    key, chain = leaf.split((settings.leaf_dir / mint.LEAF).read_bytes())
    files.make_folder(options.folder, 0o755)
    with files.locked(options.folder):
        files.write(options.folder / "fullchain.pem", chain, files.PUBLIC)
        files.write(options.folder / "privkey.pem", key, files.SECRET)
    print(f"wrote fullchain.pem and privkey.pem (secret) to {options.folder}")
    return 0
