"""Prints the group of a handshake with nginx, from another container, as nginx tells the app."""

import http.client
import json
import ssl

tls = ssl.create_default_context()
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # no container has the root
client = http.client.HTTPSConnection("nginx", 8443, context=tls)
client.request("GET", "/handshake", headers={"Host": "localhost"})
print(json.load(client.getresponse())["tls"]["group"])
