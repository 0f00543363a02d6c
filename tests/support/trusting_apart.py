"""A user with trust stores of one kind, and what trust's programs do to them, apart from this
machine's: in a mount namespace, with tools in which a test makes a system call fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support import certificates, keystores, nss, programs
from tests.support.minting import Place

_TOOL = "faulty_tool.sh"
_SYSTEM = Path("/etc/ssl/certs"), Path("/usr/local/share/ca-certificates")
_UPDATE = "update-ca-certificates"
# What trust calls, and what these call.
_CALLED = ("certutil", "install", "cp", "mv", "rm", "mkdir", "chmod")
_INNER = (
    *("strace", "grep", "sh", "ln", "cat", "sed", "find", "sort", "readlink", "basename"),
    *("mktemp", "wc", "openssl", "run-parts", "test"),
)
_FEW = 4  # roots in the system's store: its tool is a shell script, which takes long for all
FOLDERS = tuple(map(str, _SYSTEM))


def why_not() -> str | None:
    """Why there can be no such place here."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "mount namespaces need root"
    return None


class Apart:
    """The folder of one try. Every try finds it at the same path, which is `place`.

    kind: nss, new_nss (without a database yet), java, system; or none, where bundle.pem alone
    is written.
    """

    def __init__(self, folder: Path, place: Path, kind: str) -> None:
        self.folder, self.place, self.kind = folder, place, kind

    def why_not(self) -> str | None:
        """Why there can be no such store here."""
        tools = {"nss": "certutil", "new_nss": "certutil", "java": "keytool"}
        tool = tools.get(self.kind, _UPDATE)
        found = shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin")
        return None if found else f"{tool} is not installed"

    def make(self) -> None:
        """With an authority, and stores that hold somebody else's roots."""
        self.place.mkdir()
        for name in ("home", "bin", "real", "system/certs", "system/anchors", "system/hooks"):
            (self.folder / name).mkdir(parents=True)
        Place(self.folder).mint()
        for name in (*_CALLED, *_INNER):
            if path := shutil.which(name):
                (self.folder / "real" / name).symlink_to(path)
        update = Path(shutil.which(_UPDATE, path="/usr/sbin") or "")
        shutil.copy(update, self.folder / "real" / _UPDATE)
        for name in _CALLED:
            programs.install(_TOOL, self.folder / "bin" / name)
        programs.install(_TOOL, self.folder / "system" / _UPDATE)
        conf = [
            line
            for line in Path("/etc/ca-certificates.conf").read_text().splitlines()
            if line and line[0] not in "!#"
        ]
        (self.folder / "system/conf").write_text("".join(f"{line}\n" for line in conf[:_FEW]))
        self._in_place(f"{self.place}/real/{_UPDATE}", "--fresh", env={}).check_returncode()
        if self.kind == "nss":
            self._make_nss()
        elif self.kind == "new_nss":  # with a browser that has not been started yet
            programs.install(_TOOL, self.folder / "bin" / "chromium")
        elif self.kind == "java":
            self._make_java()

    def _make_nss(self) -> None:
        """A database with another root, as a user of Chromium may have."""
        folder = self.folder / "home" / nss.XDG
        folder.mkdir(parents=True)
        other = nss.ours(self.folder / "home")
        for arguments in (
            ("-N", "--empty-password"),
            ("-A", "-n", "another", "-t", "C,,", "-i", str(other.path), "-f", os.devnull),
        ):
            subprocess.run(["certutil", *arguments, "-d", f"sql:{folder}"], check=True)

    def _make_java(self) -> None:
        jvm = self.folder / "jvm"
        for name in ("bin", "lib/security"):
            (jvm / name).mkdir(parents=True)
        keytool = Path(shutil.which("keytool") or "").resolve()
        programs.install(_TOOL, jvm / "bin/keytool")
        (self.folder / "real/keytool").symlink_to(keytool)
        other = nss.ours(self.folder / "home")
        subprocess.run(
            [
                *(keytool, "-importcert", "-noprompt", "-alias", "another", "-file", other.path),
                *("-keystore", jvm / "lib/security/cacerts", "-storepass", "changeit"),
            ],
            check=True,
            capture_output=True,
        )

    def copy(self, name: str) -> Apart:
        folder = self.folder.with_name(name)
        runs = shutil.ignore_patterns("runs*")
        shutil.copytree(self.folder, folder, symlinks=True, ignore=runs)
        return Apart(folder, self.place, self.kind)

    def command(self, *steps: str) -> list[str]:
        """The program that takes these steps (tests/programs/trust_one_store.py)."""
        module = [sys.executable, "-B", "-m", "tests.programs.trust_one_store"]
        return [*module, self.kind.removeprefix("new_"), *steps]

    @property
    def env(self) -> dict[str, str]:
        """For command, apart."""
        homes = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        faults = ("TRACE", "FAULT", "FAULT_RUN", "FAULT_CALLER")
        return {
            **certificates.environment(self.place, HOME=str(self.place / "home")),
            **dict.fromkeys((*homes, *faults, "CURL_CA_BUNDLE"), ""),
            "RUN_PATH": str(self.place / "bin"),
            "JAVA_HOME": str(self.place / "jvm") if self.kind == "java" else "",
            "TOOLS": str(self.place / "real"),
            "COUNT": str(self.place / "runs"),
            "PYTHONHASHSEED": "0",
        }

    def run(self, *steps: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self._in_place(*self.command(*steps), env={**self.env, **env})

    def apart(self, *command: str) -> list[str]:
        """The command, in the namespace."""
        script = str(programs.PROGRAMS / "trusting_apart.sh")
        unshare = ("unshare", "--mount", "--propagation", "private", "/bin/sh", script)
        return [*unshare, str(self.folder), str(self.place), *command]

    def traces(self) -> list[str]:
        """What strace wrote of each run of a tool."""
        found = self.folder.glob("runs.[0-9]*")
        return [path.read_text() for path in sorted(found, key=lambda path: int(path.suffix[1:]))]

    def others(self) -> object:
        """What the stores hold, which is somebody else's where the root is not in them."""
        if self.kind == "java":
            return keystores.entries(self.folder / "jvm/lib/security/cacerts")
        if self.kind == "nss":
            listed = ["certutil", "-L", "-d", f"sql:{self.folder / 'home' / nss.XDG}"]
            return subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        folder = self.folder / "system/certs"
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.exists()}

    def _in_place(self, *command: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.apart(*command),
            env={"RUN_PATH": os.environ["PATH"], **os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )


def said(done: subprocess.CompletedProcess[str]) -> list[Any]:
    """What the steps printed."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
