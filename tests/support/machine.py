"""A machine of its own, as a container: clients, a user who may use sudo, and this tree."""

from __future__ import annotations

import contextlib
import json
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from certs.dotenv import CHECKOUT
from stack import docker

IMAGE = "wss-stack-test-machine"
HOME = "/home/dev"
TREE = f"{HOME}/wss-stack"
CA_HOME = f"{HOME}/.local/share/wss-stack"
SECOND = f"{HOME}/second"
SECOND_PORTS = {"HTTPS_PORT": "9443", "HTTP_PORT": "9080"}
INSIDE = f"{TREE}/tests/machine/inside"
# Where the pages come from that browsers open; the network is the machine's own.
PAGE_PORT = 5173
# This host's roots are for pip alone: they may be needed to reach the package index.
_HOST_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP_BUNDLE = "/opt/host-ca.crt"
_TIMEOUT = 180.0  # seconds, of one command
# A public address that the machine gives itself (no packet leaves its loopback).
PUBLIC_ADDRESS = "8.8.8.8"
PUBLIC_NAME = "example.com"


def missing() -> str | None:
    """Why there can be no such machine here, or None."""
    why = docker.why_unavailable()
    if why:
        return f"no Docker engine: {why}"
    if _docker("image", "inspect", IMAGE, check=False).returncode != 0:
        return f"no image {IMAGE}: .ci/test-machine makes it"
    return None


@dataclass(frozen=True)
class Snapshot:
    """What every trust store holds.

    certificates: (store, name, trust flags, SHA-256) of each certificate.
    files: path to SHA-256, or to where it links, below /etc/ssl and its like.
    """

    certificates: frozenset[tuple[str, str, str, str]]
    files: Mapping[str, str]

    def changes(self, since: Snapshot) -> list[str]:
        """A line each, for people; empty when nothing has changed."""
        certificates = self.certificates ^ since.certificates
        lines = [f"{_sign(c in self.certificates)} {' | '.join(c)}" for c in sorted(certificates)]
        for path in sorted(self.files.keys() | since.files.keys()):
            if self.files.get(path) != since.files.get(path):
                lines.append(f"{_sign(path in self.files)} {path}")
        return lines


def _sign(there: bool) -> str:
    return "+" if there else "-"


class Machine:
    """The running container."""

    def __init__(self, container: str) -> None:
        self.container = container

    def run(
        self,
        *argv: str,
        user: str = "dev",
        env: Mapping[str, str] | None = None,
        cwd: str = TREE,
        check: bool = True,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program there; with check, an AssertionError unless it exits 0."""
        done = _docker(*self._exec(argv, user, env, cwd), check=False, stdin=stdin)
        if check:
            assert done.returncode == 0, (
                f"{argv} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def start(
        self,
        *argv: str,
        user: str = "dev",
        env: Mapping[str, str] | None = None,
        cwd: str = TREE,
    ) -> subprocess.Popen[str]:
        """Starts a program there. It goes on there even when what is returned is killed."""
        return subprocess.Popen(
            ["docker", *self._exec(argv, user, env, cwd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _exec(
        self, argv: Sequence[str], user: str, env: Mapping[str, str] | None, cwd: str
    ) -> list[str]:
        options = ["--interactive", "--user", user, "--workdir", cwd]
        for name, value in (env or {}).items():
            options += ["--env", f"{name}={value}"]
        return ["exec", *options, self.container, *argv]

    def read(self, path: str) -> str:
        return self.run("cat", path, user="root", cwd="/").stdout

    def write(self, path: str, text: str) -> None:
        """As root, into a file that is there: it keeps its mode and owner."""
        self.run("dd", f"of={path}", "status=none", user="root", cwd="/", stdin=text)

    def find(self, *expression: str) -> list[str]:
        """As root, whatever `find` with these arguments prints."""
        return self.run("find", *expression, user="root", cwd="/").stdout.splitlines()

    def make(
        self,
        target: str,
        settings: Mapping[str, str] | None = None,
        *,
        tree: str = TREE,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """As dev; the stack runs without Docker and lets the page's origin in."""
        origin = f"http://127.0.0.1:{PAGE_PORT}"
        env = {"MODE": "local", "ALLOWED_ORIGINS": origin, **(settings or {})}
        return self.run("make", target, env=env, cwd=tree, check=check)

    def add_tree(self, tree: str) -> None:
        """Puts the working tree there, dev's, with its .venv made."""
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        found = subprocess.run(listed, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        names = [n for n in found.stdout.split("\0") if n and (CHECKOUT / n).is_file()]
        packed = subprocess.run(
            ["tar", "--create", "--null", "--files-from=-"],
            cwd=CHECKOUT,
            input="\0".join(names).encode(),
            capture_output=True,
            check=True,
        ).stdout
        self.run("mkdir", tree, cwd=HOME)
        unpack = ["docker", "exec", "--interactive", "--user=dev", self.container]
        unpack += ["tar", "--extract", "--directory", tree]
        subprocess.run(unpack, input=packed, capture_output=True, check=True)
        self.run(
            *("python3", "stack/bootstrap.py", "requirements/stack.txt"),
            cwd=tree,
            env={"PIP_CERT": _PIP_BUNDLE},
        )

    def snapshot(self) -> Snapshot:
        found = json.loads(self.run("python3", f"{INSIDE}/stores.py", user="root").stdout)
        certificates = frozenset((s, n, f, d) for s, n, f, d in found["certificates"])
        return Snapshot(certificates, found["files"])

    def root(self, ca_home: str = CA_HOME) -> str:
        """SHA-256 of a root, as snapshots have it; dev's, if no other's folder is named."""
        code = "import hashlib, ssl, sys; pem = open(sys.argv[1]).read()\n"
        code += "print(hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest())"
        done = self.run("python3", "-c", code, f"{ca_home}/root.pem", user="root")
        return done.stdout.strip()

    def served_serial(self) -> str:
        """Of the leaf that is served right now, whether trusted or not."""
        connect = "openssl s_client -connect localhost:8443 -servername localhost </dev/null"
        command = f"{connect} 2>/dev/null | openssl x509 -noout -serial"
        return self.run("sh", "-c", command).stdout.strip()

    def give_itself_the_public_address(self) -> None:
        """By a container that only shares the network: this one may not do that."""
        address = ("address", "replace", f"{PUBLIC_ADDRESS}/32", "dev", "lo")
        network = ("--network", f"container:{self.container}", "--cap-add", "NET_ADMIN")
        _docker("run", "--rm", *network, IMAGE, "ip", *address)
        # Before anything connects: it must be this machine that answers.
        route = self.run("ip", "route", "get", PUBLIC_ADDRESS).stdout
        assert route.startswith(f"local {PUBLIC_ADDRESS} dev lo"), route


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    """Started, with the tree in it; gone afterwards."""
    name = f"wss-test-machine-{uuid.uuid4().hex[:12]}"
    options = ("--name", name, "--hostname", "machine", "--init", "--shm-size", "1g")
    # ::1 as on any machine, and a public name that leads nowhere else.
    loopback = ("--sysctl", "net.ipv6.conf.all.disable_ipv6=0")
    hosts = ("--add-host", f"{PUBLIC_NAME}:127.0.0.1")
    try:
        _docker("run", "--detach", *options, *loopback, *hosts, IMAGE)
        made = Machine(name)
        _docker("cp", str(_HOST_BUNDLE), f"{name}:{_PIP_BUNDLE}")
        made.run("chmod", "0644", _PIP_BUNDLE, user="root", cwd="/")
        made.add_tree(TREE)
        yield made
    finally:
        _docker("rm", "--force", "--volumes", name, check=False)


def _docker(
    *arguments: str, check: bool = True, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", *arguments],
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT,
    )
    if check:
        assert done.returncode == 0, f"docker {' '.join(arguments)} failed:\n{done.stderr}"
    return done
