"""Runs a program that is not told when this machine's network changes.

    python without_netlink.py PROGRAM ARGUMENT...

Chromium drops what is under way whenever an address of the machine comes or goes
(ERR_NETWORK_CHANGED), and with the containers of other tests they do all the time.
It hears of them by a netlink socket. Where it gets none, it takes the network to
stay as it is: AddressTrackerLinux::AbortAndForceOnline, in its source
net/base/address_tracker_linux.cc.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shlex
import socket
import sys
from pathlib import Path

_LIBRARY = "libseccomp.so.2"
# From seccomp.h.
_ALLOW = 0x7FFF0000
_FAIL = 0x00050000  # and the error
_EQUAL = 4


class _Comparison(ctypes.Structure):
    """scmp_arg_cmp: the value that an argument of a system call has."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("unused", ctypes.c_uint64),
    )


def possible() -> bool:
    """Not on other systems, nor where there is no libseccomp (Debian's apt brings it)."""
    try:
        return bool(ctypes.CDLL(_LIBRARY))
    except OSError:
        return False


def forbid_netlink() -> None:
    """For this process and all that come of it, as on a system without netlink.

    Raises OSError.
    """
    library = ctypes.CDLL(_LIBRARY)
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_ALLOW)))
    family = _Comparison(0, _EQUAL, socket.AF_NETLINK, 0)
    failed = library.seccomp_rule_add_array(
        rules,
        ctypes.c_uint32(_FAIL | errno.EAFNOSUPPORT),
        library.seccomp_syscall_resolve_name(b"socket"),
        1,
        ctypes.byref(family),
    ) or library.seccomp_load(rules)
    if failed:
        raise OSError(-failed, os.strerror(-failed))


def wrap(program: str, path: Path) -> None:
    """Makes a program of this path that runs the other one without netlink."""
    command = shlex.join([sys.executable, "-I", __file__, program])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


if __name__ == "__main__":
    forbid_netlink()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - there is no shell to want
