"""Checks whether the stack's ports are free, and names the program that has a taken one."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterable

import psutil

from certs.endpoint import PORTS
from certs.hosts import ALWAYS_ADDRESSES
from certs.names import Address
from stack.base import StackError
from stack.settings import Settings


def check(
    settings: Settings, *, ours: Iterable[tuple[str, int]] = (), as_root: bool = False
) -> None:
    """Raises StackError for a port that the stack could not listen on.

    ours: addresses and ports that the stack itself has already.
    as_root: whether root listens (Docker's daemon) and not this user.
    """
    bind = settings.endpoint.bind
    wanted = [(name, settings.endpoint.port(name), bind) for name in PORTS]
    if settings.certs.metrics_port:
        wanted.append(("METRICS_PORT", settings.certs.metrics_port, ALWAYS_ADDRESSES[0]))
    for name, port, address in wanted:
        # The stack's own nginx frees its port when BIND changes: only the address is tried,
        # with any port (0).
        tried = 0 if any(port == held for _, held in ours) else port
        error = refused(address, tried)
        if error and not (error.errno == errno.EACCES and as_root):
            raise StackError(_explain(error, name, port, settings)) from error


def check_held(settings: Settings, held: Iterable[tuple[str, int]]) -> None:
    """Raises StackError if the stack's own nginx does not listen on its ports. An answer from
    there is no proof: another checkout's nginx has the same authority.

    held: addresses and ports that the stack's own nginx listens on.
    """
    ours = {port for _, port in held}
    for name in PORTS:
        port = settings.endpoint.port(name)
        if port not in ours:
            raise StackError(
                f"port {port} ({name}) was taken while the stack started; to see by whom: make up"
            )


def refused(bind: Address, port: int) -> OSError | None:
    """The error of an attempt to listen there; None if the port is free."""
    family = socket.AF_INET if bind.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((str(bind), port))
            # With SO_REUSEADDR two sockets may bind one address, but only one may listen.
            probe.listen(1)
        except OSError as error:
            return error
    return None


def listening(processes: Iterable[psutil.Process]) -> set[tuple[str, int]]:
    """Addresses and ports on which the first of these processes listens that listens at all:
    nginx's master has those of its workers, and each look reads all connections of the machine."""
    found: set[tuple[str, int]] = set()
    for process in processes:
        if found:
            break
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr:
                    found.add((connection.laddr.ip, connection.laddr.port))
    return found


def holder(port: int) -> str | None:
    """The process or container that listens on a TCP port; None if it cannot be seen."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS, not root
        connections = []
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        if connection.laddr.port == port and connection.pid:
            return f"{_name(connection.pid)} (pid {connection.pid})"
    return container(port)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a process"


def container(port: int) -> str | None:
    """The container that publishes this port."""
    command = ["docker", "ps", "--filter", f"publish={port}", "--format", "{{.Names}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = done.stdout.split()
    return f"container {names[0]}" if done.returncode == 0 and names else None


def _unseen(port: int) -> str | None:
    """The text for another user's port, with the command by which root sees whose it is."""
    if os.geteuid() == 0:
        return None
    see = f"ss -ltnp 'sport = :{port}'"
    if sys.platform == "darwin":
        see = f"lsof -nP -iTCP:{port} -sTCP:LISTEN"
    return f"a process of another user (which: sudo {see})"


def _addresses() -> list[str]:
    """This machine's addresses, without those that name an interface: BIND refuses them."""
    families = (socket.AF_INET, socket.AF_INET6)
    found = [a for interface in psutil.net_if_addrs().values() for a in interface]
    wanted = {a.address for a in found if a.family in families and "%" not in a.address}
    return sorted(wanted, key=lambda text: (":" in text, text))


def _allowed_from(settings: Settings) -> str:
    """The command that lets all users listen on these ports; only Linux has it."""
    if sys.platform != "linux":
        return ""
    # For the lower of the two ports, or the next make up would refuse that one.
    lowest = min(settings.endpoint.https_port, settings.endpoint.http_port)
    allow = f"sudo sysctl net.ipv4.ip_unprivileged_port_start={lowest}"
    return f". Or, until the next boot, let every user listen from port {lowest} on: {allow}"


def _explain(error: OSError, name: str, port: int, settings: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        by = holder(port) or _unseen(port)
        held = f", by {by}" if by else ""
        free = f", or the next that is free: {name}=auto make up" if name in PORTS else ""
        return (
            f"port {port} ({name}) is taken{held}. Stop that, or take another port: "
            f"{name}={port + 1000 if port < 64000 else 8443} make up{free}"
        )
    if error.errno == errno.EACCES:
        return (
            f"port {port} ({name}) is for root alone on this machine. Take one above 1023: "
            f"{name}={port + 8000} make up"
            f"{_allowed_from(settings)}"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"BIND is {str(settings.endpoint.bind)!r}, which is no address of this machine. It has "
            f"{', '.join(_addresses())}; for all of them: BIND=0.0.0.0 make up"
        )
    return f"port {port} ({name}) on {settings.endpoint.bind}: {error.strerror}"
