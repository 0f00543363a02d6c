"""python -m bench.served: an app under uvicorn with the stack's own arguments, but for what
BENCH_* say: another protocol, a TCP port, TLS of its own.

uvicorn_runner itself listens on a Unix socket or on port 8000, and speaks no TLS.
"""

from __future__ import annotations

import os
from typing import Any

import uvicorn

from uvicorn_runner import loading
from uvicorn_runner.__main__ import config
from uvicorn_runner.settings import read


def main() -> None:
    settings = read(os.environ)
    arguments: dict[str, Any] = config(settings)
    if port := os.environ.get("BENCH_PORT"):
        arguments.update(host="127.0.0.1", port=int(port))
    if leaf := os.environ.get("BENCH_LEAF"):
        arguments.update(ssl_certfile=leaf, ssl_keyfile=leaf)
    if protocol := os.environ.get("BENCH_WS"):
        arguments["ws"] = protocol
    with loading.imports_from(settings.folder):
        uvicorn.run(settings.app, **arguments)


if __name__ == "__main__":
    main()
