"""crowd.py HOST PORT SOURCE ROOT: opens WebSockets until one is refused. Prints how many there are
and the status of the refusal, and holds them until its input ends.

SOURCE: the address that they come from; empty: the one that the system takes. ROOT: as PEM."""

import resource
import socket
import ssl
import sys
import threading

host, port, source, root = sys.argv[1:]
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
tls = ssl.create_default_context(cadata=root)
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def opened() -> tuple[ssl.SSLSocket, int]:
    plain = socket.create_connection((host, int(port)), 30, (source, 0) if source else None)
    client = tls.wrap_socket(plain, server_hostname="localhost")
    client.sendall(HANDSHAKE)
    return client, int(client.recv(4096).split()[1])


clients = []
status = 101
while status in (101, 429):
    client, status = opened()
    if status == 101:
        clients.append(client)
    elif status == 429:  # more in a second than HANDSHAKES_PER_SECOND
        threading.Event().wait(0.1)
print(len(clients), status, flush=True)
sys.stdin.read()
