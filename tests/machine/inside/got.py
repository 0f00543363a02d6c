"""Run in the machine: does a library's GET, requests' or httpx's, accept host:port?"""

from __future__ import annotations

import importlib
import json
import ssl
import sys

FAILED = {"requests": "RequestException", "httpx": "TransportError"}


def refusal(error: BaseException) -> str:
    """What ssl said. Anything but the certificate is no answer to the question."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    cause = error.__cause__ or error.__context__
    if not cause:
        raise error
    return refusal(cause)


library = importlib.import_module(sys.argv[1])

for target in sys.argv[2:]:
    words = ""
    try:
        library.get(f"https://{target}/", timeout=10)
    except getattr(library, FAILED[library.__name__]) as error:
        words = refusal(error)
    print(json.dumps({"target": target, "accepted": not words, "words": words}))
