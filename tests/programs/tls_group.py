"""tls_group.py ROOT: the group of a handshake with nginx, from another container, as nginx
tells the app. ROOT: the certificate to trust, as PEM."""

import http.client
import json
import socket
import ssl
import sys

tls = ssl.create_default_context(cadata=sys.argv[1])
connection = socket.create_connection(("nginx", 8443), timeout=10)
client = http.client.HTTPSConnection("localhost", 8443)
client.sock = tls.wrap_socket(connection, server_hostname="localhost")
client.request("GET", "/handshake", headers={"Host": "localhost"})
print(json.load(client.getresponse())["tls"]["group"])
