"""python -m certs mint; all imports done, it waits until its input is closed.

usage: mint_hooked [no-locks | (before | after) FUNCTION NUMBER SIGNAL]

no-locks: flock fails, as on NFS. Else the process sends itself the signal before or after
call NUMBER of this function of `os`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sys
from typing import Any

from certs.cli import main


def no_locks(*_: object) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def send_itself(moment: str, function: str, number: str, name: str) -> None:
    real, left = getattr(os, function), int(number)

    def hooked(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and moment == "before":
            os.kill(os.getpid(), signal.Signals[name])
        result = real(*arguments, **options)
        if left == 0 and moment == "after":
            os.kill(os.getpid(), signal.Signals[name])
        return result

    setattr(os, function, hooked)


sys.stdin.read()
if sys.argv[1:] == ["no-locks"]:
    fcntl.flock = no_locks
elif sys.argv[1:]:
    send_itself(*sys.argv[1:])
sys.exit(main(["mint"]))
