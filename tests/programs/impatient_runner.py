"""python -m uvicorn_runner, which waits some tenths of a second for an app and for clients."""

from __future__ import annotations

import sys
from typing import Any

from uvicorn_runner import __main__, protocol
from uvicorn_runner.settings import Settings

config = __main__.config


def impatient(settings: Settings) -> dict[str, Any]:
    return {**config(settings), "ws_ping_interval": 0.3, "ws_ping_timeout": 0.3}


protocol.HANDSHAKE_TIMEOUT = 0.3
protocol.LINGER = 0.3
__main__.config = impatient
sys.exit(__main__.main())
