"""python -m certs, whose watch looks every 0.02 seconds and prints "look" each time.

From where LEAF_DIR has a file called `frozen`, nothing can be made in it any more.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

from certs import cli, mint, watch

ensure, real = mint.ensure, os.open


def look(*arguments: Any, **options: Any) -> Any:
    print("look", flush=True)
    return ensure(*arguments, **options)


def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
    if flags & os.O_CREAT and Path(os.environ["LEAF_DIR"], "frozen").exists():
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    return real(path, flags, *rest, **options)


watch.INTERVAL = 0.02
mint.ensure = look
os.open = opened
sys.exit(cli.main(sys.argv[1:]))
