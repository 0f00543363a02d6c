"""Opens sockets of several families, and prints why one of AF_NETLINK cannot be had."""

from __future__ import annotations

import errno
import socket
import sys

socket.socketpair()
socket.getaddrinfo("localhost", 443)
socket.create_server(("127.0.0.1", 0)).close()
try:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
except OSError as error:
    print(errno.errorcode[error.errno or 0], *sys.argv[1:])
