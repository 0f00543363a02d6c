"""What a command says while it works, how it ends, and a reader that may be gone:
make certs | head."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO, cast

from certs import owners
from certs.errors import RefusalError

# Their loggers speak to the user of a command. Not the root logger: what websockets logs
# is no line of a command.
_PACKAGES = ("certs", "stack", "trust")


@contextlib.contextmanager
def told(write: Callable[[str], None]) -> Iterator[None]:
    """While this lasts, each line that the packages log goes to write."""
    handler = _Handler(write)
    loggers = [logging.getLogger(name) for name in _PACKAGES]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


class _Handler(logging.Handler):
    """Unlike a StreamHandler it raises BrokenPipeError: that is the command's end."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.getMessage())


def exit_status(program: str, command: Callable[[], int]) -> int:
    """Runs a command and returns its exit status: its own, that of what it refused, 1 for
    what the system refused, 130 for Ctrl-C; also 1, without a word, where nobody reads the
    output any more.

    program: what stands before a text on standard error.
    """
    try:
        try:
            status = command()
        except BrokenPipeError:
            raise
        except RefusalError as error:
            print(f"{program}: {error}", file=sys.stderr)
            status = error.exit_status
        except OSError as error:
            print(f"{program}: {owners.explain(error)}", file=sys.stderr)
            status = 1
        except KeyboardInterrupt:
            print(f"{program}: interrupted; nothing is half-written", file=sys.stderr)
            status = 130
        print(end="", flush=True)  # not only at the end, where nobody catches it
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
        return 1
    return status


def silence(*streams: TextIO) -> None:
    """From here on these streams lose what is written to them, and what they still hold:
    the interpreter would complain of that at the end."""
    for stream in streams:
        # A stream may be closed, or no file of the system's.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            null = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(null, stream.fileno())
            finally:
                os.close(null)


@contextlib.contextmanager
def surviving_broken_pipe() -> Iterator[None]:
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
            silence(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream)
