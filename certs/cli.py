"""python -m certs: mints the certificates that nginx serves, and keeps them current."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from certs import (
    ca_home,
    endpoint,
    files,
    leaf,
    leaf_dir,
    mint,
    nginx_values,
    output,
    status,
    sudo,
    watch,
)
from certs.dotenv import merged_environment
from certs.errors import RefusalError, SettingError
from certs.settings import Settings, leaf_folder, read

# Commands of python -m trust, by the names that people try here, with its own name for each.
_OF_TRUST = {
    "trust": ("install", "make certs"),
    "install": ("install", "make certs"),
    "doctor": ("doctor", "make doctor"),
    "untrust": ("untrust", "make untrust"),
    "remove": ("remove", "make untrust"),
    "env": ("env", "make env"),
}
_P12 = "keystore.p12"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status; certs.output decides it."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in _OF_TRUST:
        return output.exit_status("certs", lambda: _refuse(given[0]))
    options = _parser().parse_args(given)
    return output.exit_status("certs", lambda: _run(options))


def _refuse(command: str) -> int:
    """Raises RefusalError: no container reaches the trust stores of the machine."""
    name, target = _OF_TRUST[command]
    here = endpoint.read(merged_environment())
    raise RefusalError(
        f"{command!r} is for the machine's trust stores, which no container reaches. On the "
        f"machine, in the checkout: {target}. Without make: python3 stack/bootstrap.py "
        f"requirements/stack.txt && .venv/bin/python -m trust {name}. Without Python: the steps "
        f"on http://{here.host}:{here.http_port}/"
    )


def _run(options: argparse.Namespace) -> int:
    sudo.leave_root()
    env = merged_environment()
    try:
        return int(options.run(read(env), options))
    except SettingError as error:
        if getattr(options, "nginx", False):
            nginx_values.refuse(_raw(), *leaf_folder(env), str(error))
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m certs",
        description="Mints and renews nginx's certificates. For trust stores: make certs.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("mint", help="make what is missing or stale")
    command.set_defaults(run=_mint)

    command = commands.add_parser("status", help="authority, leaf, hosts, days left")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_status)

    command = commands.add_parser("watch", help="mint, and renew until stopped")
    command.add_argument("--healthy", type=Path, help="a file that is touched while all is ok")
    command.add_argument(
        "--nginx", action="store_true", help="write the values that nginx's container waits for"
    )
    command.set_defaults(run=_watch)

    command = commands.add_parser(
        "nginx-values", help="print them: for an engine without the certs container"
    )
    command.set_defaults(run=_nginx_values)

    command = commands.add_parser("export", help="write fullchain.pem and privkey.pem")
    command.add_argument("folder", type=Path, help="where to; made if it is missing")
    command.add_argument(
        "--p12", action="store_true", help=f"also {_P12}, for Java and .NET (PKCS#12)"
    )
    command.set_defaults(run=_export)
    return parser


def _mint(settings: Settings, _: argparse.Namespace) -> int:
    with output.told(print), output.surviving_broken_pipe():
        authority = mint.ensure(settings)
    root = settings.ca_home / ca_home.ROOT
    print(f"Authority: {authority.name}")
    print(f"SHA-256:   {authority.fingerprint}")
    print(f"Hosts:     {', '.join(settings.hosts.sans())}")
    print(f"Root:      {root}")
    print(
        "\nEvery client on this machine trusts the stack after: make certs\n"
        "The root is public, and can sign only local names and private addresses. A client\n"
        f'without it in its store: curl --cacert "{root}" {settings.endpoint.url}/'
    )
    return 0


def _status(settings: Settings, options: argparse.Namespace) -> int:
    found = status.look(settings)
    print(status.as_json(found) if options.json else status.as_text(found))
    return 1 if found.problems else 0


def _watch(settings: Settings, options: argparse.Namespace) -> int:
    nginx = _raw() if options.nginx else None
    with output.told(lambda line: print(f"certs: {line}", flush=True)):
        watch.run(settings, options.healthy, nginx)
    return 0


def _nginx_values(settings: Settings, _: argparse.Namespace) -> int:
    values = nginx_values.in_docker(settings)
    print(nginx_values.as_shell(_raw(), values), end="")
    return 0


def _raw() -> dict[str, str]:
    """The settings as nginx's container gets them: with comments where a value is empty."""
    return {**merged_environment(), **os.environ}


def _export(settings: Settings, options: argparse.Namespace) -> int:
    with output.told(print), output.surviving_broken_pipe():
        mint.ensure(settings)
    data = (settings.leaf_dir / leaf_dir.LEAF).read_bytes()
    key, chain = leaf.split(data)
    files.make_folder(options.folder, 0o755)
    with files.locked_writes(options.folder):
        files.write(options.folder / "fullchain.pem", chain, files.PUBLIC)
        files.write(options.folder / "privkey.pem", key, files.SECRET)
        if options.p12:
            files.write(options.folder / _P12, leaf.as_pkcs12(data), files.SECRET)
    print(f"wrote fullchain.pem and privkey.pem (secret) to {options.folder}")
    if options.p12:
        print(
            f"wrote {_P12} (secret) beside them; alias {leaf.P12_ALIAS}, password "
            f"{leaf.P12_PASSWORD} (Java needs a password; the file's mode protects the key)"
        )
    return 0
