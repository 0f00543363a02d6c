"""Brings the authority and the leaf to what the settings want."""

from __future__ import annotations

from certs import ca_home, leaf_dir
from certs.authority import Authority
from certs.ca_home import Say
from certs.settings import Settings


def ensure(settings: Settings, say: Say, *, from_watch: bool = False) -> Authority:
    """The authority, then the leaf. Raises MintError, HostError.

    from_watch: the caller is the certs process, which keeps the leaf. Where one runs,
        every other caller leaves the leaf alone: that process has hosts of its own.
    """
    authority = ca_home.ensure_authority(settings, say)
    settings.hosts.check(authority.permitted, settings.permit)
    if not from_watch:  # it looks once a second
        warn_if_permit_is_ignored(settings, authority, say)
    if from_watch or not leaf_dir.is_kept(settings.leaf_dir):
        leaf_dir.ensure_leaf(settings, authority, say)
    return authority


def warn_if_permit_is_ignored(settings: Settings, authority: Authority, say: Say) -> None:
    """Says where PERMIT has no effect: it counts when an authority is made."""
    missing = settings.permit.minus(authority.permitted)
    if missing:
        them = "it" if len(missing) == 1 else "them"
        say(
            f"PERMIT {', '.join(missing)}: the authority that is there may not sign {them}; "
            f"to make a new one: {settings.permit.command()}"
        )
