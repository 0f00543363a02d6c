"""Serves any ASGI app under uvicorn; its package may have any name."""

import os

# The longest header line that websockets takes in a handshake, the same as nginx's. Its default
# of 8192 is soon full: all projects on localhost share their cookies, in one line.
# websockets reads this variable when it is imported.
os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(64 * 1024))
