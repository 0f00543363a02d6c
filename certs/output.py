"""What is said to a reader that may be gone: make certs | head."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO, cast


def discard(*streams: TextIO) -> None:
    """From here on what is written to these goes nowhere, and so does what they still
    hold: the interpreter would complain of that at the end."""
    for stream in streams:
        # A stream may be closed, or no file of the system's.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            null = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(null, stream.fileno())
            finally:
                os.close(null)


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """While this lasts, a reader that is gone ends nothing: the work goes on, unheard.

    For what must not stop halfway. Elsewhere BrokenPipeError is the end.
    """
    # None: it was closed from the start.
    out, err = (
        cast("TextIO", _Lasting(stream)) if stream else None for stream in (sys.stdout, sys.stderr)
    )
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield
        finally:
            for stream in (out, err):
                if stream:
                    stream.flush()


class _Lasting:
    """The stream, but that nothing is raised where nobody reads it any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            discard(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            discard(self._stream)
