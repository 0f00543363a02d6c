"""Run in the machine: does Python's own default context accept host:port?"""

from __future__ import annotations

import json
import socket
import ssl
import sys

for target in sys.argv[1:]:
    host, _, port = target.rpartition(":")
    context = ssl.create_default_context()
    words = ""
    try:
        with (
            socket.create_connection((host, int(port)), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            accepted = True
    except ssl.SSLCertVerificationError as error:
        accepted, words = False, error.verify_message
    print(json.dumps({"target": target, "accepted": accepted, "words": words}))
