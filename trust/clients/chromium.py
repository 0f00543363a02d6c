"""Chromium and the browsers built on it, which read NSS databases in the home folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.browsers import CHROMIUMS, home_nss
from trust.clients import browsers, processes
from trust.clients.base import Proof, Target, Verdict, unknown
from trust.commands import Runner

_FLAGS = (
    "--headless",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # /dev/shm of a container is too small
    "--disable-gpu",
    "--disable-quic",  # QUIC accepts no root that a user added
    "--disable-sync",
    "--enable-logging=stderr",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",  # otherwise a desktop asks for the keyring's password
)

# https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h
_NET_ERROR = re.compile(r"handshake failed.*net_error (-\d+)")
_ERRORS = {
    -100: "ERR_CONNECTION_CLOSED",
    -101: "ERR_CONNECTION_RESET",
    -107: "ERR_SSL_PROTOCOL_ERROR",
    -200: "ERR_CERT_COMMON_NAME_INVALID",
    -201: "ERR_CERT_DATE_INVALID",
    -202: "ERR_CERT_AUTHORITY_INVALID",
    -203: "ERR_CERT_CONTAINS_ERRORS",
    -206: "ERR_CERT_REVOKED",
    -207: "ERR_CERT_INVALID",
    -208: "ERR_CERT_WEAK_SIGNATURE_ALGORITHM",
    -211: "ERR_CERT_WEAK_KEY",
    -212: "ERR_CERT_NAME_CONSTRAINT_VIOLATION",
    -213: "ERR_CERT_VALIDITY_TOO_LONG",
}


@dataclass(frozen=True)
class Chromium:
    path: str
    name: str
    version: str
    kind: str = "chromium"

    def prove(self, target: Target, runner: Runner) -> Proof:
        # Without --no-sandbox Chromium does not start as root, nor in a container without
        # namespaces. It opens only a page of this project.
        if os.geteuid() == 0:
            return self._prove(target, runner, "--no-sandbox")
        proof = self._prove(target, runner)
        if proof.verdict is Verdict.UNKNOWN and "No usable sandbox" in proof.why:
            return self._prove(target, runner, "--no-sandbox")
        return proof

    def _prove(self, target: Target, runner: Runner, *flags: str) -> Proof:
        env = runner.env
        try:
            with processes.scratch(browsers.place(self.path, env)) as folder:
                argv = (self.path, *_FLAGS, *flags, f"--user-data-dir={folder / 'data'}")
                return browsers.prove(
                    runner, target, argv, folder, _read_only(env, folder), _explain
                )
        except OSError as error:
            return unknown(f"it has no place to run in: {error}")


def _read_only(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Variables that keep Chromium from writing to the home folder. It reads the NSS database
    there, and would make one if there is none."""
    changed = {"XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    if not home_nss({**env, "HOME": env.get("HOME", "/")}):
        changed["XDG_DATA_HOME"] = str(folder)
    return changed


def _explain(log: str) -> str:
    found = _NET_ERROR.search(log)
    return _ERRORS.get(int(found[1]), f"net_error {found[1]}") if found else ""


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Chromium]:
    paths = {name: runner.which(name) for name in CHROMIUMS}
    # Many of these are links to one another.
    first: dict[str, tuple[str, str]] = {}
    for name, path in paths.items():
        if path:
            first.setdefault(browsers.snap(path) or str(Path(path).resolve()), (name, path))
    return [
        Chromium(path, CHROMIUMS[name], processes.version(runner, path, "--version"))
        for name, path in first.values()
    ]
