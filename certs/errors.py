"""What a command refuses. Behaviour hangs on these types, never on their texts."""

from __future__ import annotations


class RefusalError(Exception):
    """Something went wrong. The text says what, with the value, and what to type next."""

    exit_status = 1


class SettingError(RefusalError, ValueError):
    """A setting with a value that cannot be used. The text names both."""

    exit_status = 2


class MintError(RefusalError):
    """Minting failed."""


class ClockError(MintError):
    """The authority is not valid yet: a clock is wrong, or was when it was made. It is
    not replaced for that: the clock may be right again in a moment."""
