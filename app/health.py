"""python -m app.health: exit 0 if the app of this container answers HTTP.

Any answer counts: an app that APP names need not have a /healthz.
"""

import http.client
import sys


def main() -> int:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"the app does not answer: {error}")
        return 1
    print(f"the app answers {status}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
