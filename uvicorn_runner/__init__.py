"""Serves any ASGI app under uvicorn, whatever its package is called."""

import os

# The longest header line of a handshake that websockets takes: as long as nginx's, because
# localhost has the cookies of every project of a machine in one line, and its default, 8192,
# is soon full. Here, because websockets reads it when it is imported.
os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(64 * 1024))
