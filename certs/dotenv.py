"""The environment over the checkout's .env, as Compose reads it."""

from __future__ import annotations

import io
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from certs.all_settings import NAMES
from certs.errors import SettingError

CHECKOUT = Path(__file__).resolve().parent.parent
# Compose takes a comment for part of the value if the value is empty, or if a tab is before
# the #, and the containers get it so. The same pattern is in uvicorn_runner/settings.py.
_COMMENT = re.compile(r"(^|\s*\t)\s*#.*")


def merged_environment(
    checkout: Path = CHECKOUT, *, warn: Callable[[str], None] | None = None
) -> dict[str, str]:
    """The environment over the checkout's .env, as Compose reads it.

    An empty value counts as unset, as in Compose's ${NAME:-default}. Raises SettingError
    for a file that cannot be read, for a line that is not NAME=value, and for a `$` in one of
    these settings, which only Compose would interpolate.
    warn: gets the error's text instead; the readable part of the file is used then.
    """
    values, wrong = _dotenv(checkout / ".env")
    if wrong and warn is None:
        raise SettingError(wrong)
    if wrong and warn:
        warn(wrong)
    merged = {**values, **os.environ}
    merged.update({name: _COMMENT.sub("", merged[name] or "") for name in NAMES if name in merged})
    return {name: value for name, value in merged.items() if value}


def _dotenv(file: Path) -> tuple[dict[str, str | None], str | None]:
    """The file's values, and its first mistake."""
    if not file.is_file():
        return {}, None
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        at = f"{error.reason} at byte {error.start}"
        return {}, f".env is not UTF-8 ({at}); save it as UTF-8: {file}"
    except OSError as error:
        path = shlex.quote(str(file))
        ours = file.stat().st_uid == os.geteuid()
        fix = f"chmod u+rw {path}" if ours else f'sudo chown "$(id -u):$(id -g)" {path}'
        return {}, f".env cannot be read ({error.strerror}): {fix}"
    if "\0" in text:  # UTF-16 without a byte order mark; no variable can hold a NUL
        return {}, f".env is not UTF-8 (it has NUL bytes); save it as UTF-8: {file}"
    bindings = list(parse_stream(io.StringIO(text)))
    values = {binding.key: binding.value for binding in bindings if binding.key}
    wrong = [_unreadable(binding, file) for binding in bindings if binding.error]
    # The message leaves the value out: people keep secrets in .env.
    wrong += [
        f".env: {name} has a $ in it; write plain values there"
        for name in NAMES
        if "$" in (values.get(name) or "")
    ]
    return values, wrong[0] if wrong else None


def _unreadable(binding: Binding, file: Path) -> str:
    text = binding.original.string
    line = binding.original.line + text[: -len(text.lstrip())].count("\n")
    name, equals, value = text.strip().splitlines()[0].partition("=")
    shown = f"{name}=..." if equals else name
    what = "has a quote that is not closed" if value[:1] in ("'", '"') else "is not NAME=value"
    return f".env line {line}: {shown!r} {what}; fix that line, or put a # before it: {file}"
