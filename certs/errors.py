"""The errors that end a command. Code looks at their types, never at their texts."""

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
    """The authority is not valid yet: the clock is wrong, or was wrong when it was made.
    Nothing replaces the authority for that: the clock may be right in a moment."""


class OwnCertificateError(MintError):
    """CERT or KEY cannot be used. The text says why, with the file, and what to type."""


class UnreadableFileError(OwnCertificateError):
    """This user may not read the file; in Docker, the certs process may."""


class MissingFileError(OwnCertificateError):
    """There is no such file, or not yet."""
