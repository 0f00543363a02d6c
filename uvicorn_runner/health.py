"""python -m uvicorn_runner.health: exit 0 if the app of this container answers HTTP.

Any answer counts, because a user's app need not have a /healthz. One does not: the 503
that is served in the place of an app that a save has broken.
"""

from __future__ import annotations

import http.client
import socket
import sys
from pathlib import Path

FAILED = "X-App-Failed"  # the header of the answer that replaces a failed app
_TIMEOUT = 4.0  # seconds
_PORT = ("127.0.0.1", 8000)


def why_not_ok(where: tuple[str, int] | Path) -> str:
    """The reason why the app at this address or Unix socket is not ok; empty if it is."""
    family = socket.AF_UNIX if isinstance(where, Path) else socket.AF_INET
    client = http.client.HTTPConnection("localhost", timeout=_TIMEOUT)
    try:
        with socket.socket(family) as client.sock:
            client.sock.settimeout(_TIMEOUT)
            client.sock.connect(str(where) if isinstance(where, Path) else where)
            client.request("GET", "/healthz")
            answer = client.getresponse()
            failed = answer.getheader(FAILED) is not None
            return answer.read().decode().strip() if failed else ""
    except (OSError, http.client.HTTPException) as error:
        said = error or type(error).__name__
        return f"the app does not answer: {said}; restart it: make restart"


def main() -> int:
    why = why_not_ok(_PORT)
    print(why or "the app answers")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
