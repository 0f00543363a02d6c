"""python -m uvicorn_runner, which waits 0.3 seconds for an app to answer a handshake."""

from __future__ import annotations

import sys

from uvicorn_runner import protocol
from uvicorn_runner.__main__ import main

protocol.HANDSHAKE_TIMEOUT = 0.3
sys.exit(main())
