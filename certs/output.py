"""The output of a command, its exit status, and readers that end early (make certs | head)."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO, cast

from certs import owners
from certs.errors import RefusalError

# The loggers whose lines a command prints. The root logger would add those of websockets.
_PACKAGES = ("certs", "stack", "trust")


@contextlib.contextmanager
def told(write: Callable[[str], None]) -> Iterator[None]:
    """Inside the `with`, write gets each line that the packages log."""
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
    """A handler that raises BrokenPipeError, which ends the command; StreamHandler hides it."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.getMessage())


def exit_status(program: str, command: Callable[[], int]) -> int:
    """Runs a command and returns its exit status, or that of a RefusalError; 1 for an OSError,
    130 for Ctrl-C, and 1 without a text if the reader of the output has ended.

    program: the name before a text on standard error.
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
        print(end="", flush=True)  # raises BrokenPipeError here, and not when Python ends
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
        return 1
    return status


def silence(*streams: TextIO) -> None:
    """Sends these streams, and the text that they still hold, to /dev/null. Python would
    otherwise print an error for that text at its end."""
    for stream in streams:
        # A stream may be closed, or have no file descriptor.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            null = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(null, stream.fileno())
            finally:
                os.close(null)


@contextlib.contextmanager
def surviving_broken_pipe() -> Iterator[None]:
    """Inside the `with`, the work goes on even if the reader of the output has ended.

    For work that must not stop halfway. Elsewhere BrokenPipeError ends the command.
    """
    # A stream is None if it was closed from the start.
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
    """A stream that raises no error when its reader has ended."""

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
