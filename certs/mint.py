"""Brings the authority and the leaf to what the settings want."""

from __future__ import annotations

import logging

from certs import ca_home, leaf_dir
from certs.authority import Authority
from certs.settings import Settings

log = logging.getLogger(__name__)


def ensure(settings: Settings, *, from_watch: bool = False) -> Authority:
    """The authority, then the leaf. Raises MintError, HostError.

    from_watch: the caller is the certs process, which keeps the leaf. Where one runs,
        every other caller leaves the leaf alone: that process has hosts of its own.
    """
    authority = ca_home.ensure_authority(settings)
    settings.hosts.check(authority.permitted, settings.permit)
    if not from_watch:  # it looks once a second
        warn_if_permit_is_ignored(settings, authority)
    if from_watch or not leaf_dir.is_kept(settings.leaf_dir):
        leaf_dir.ensure_leaf(settings, authority)
    return authority


def warn_if_permit_is_ignored(settings: Settings, authority: Authority) -> None:
    """Says where PERMIT has no effect: it counts when an authority is made."""
    missing = settings.permit.minus(authority.permitted)
    if missing:
        them = "it" if len(missing) == 1 else "them"
        log.warning(
            "PERMIT %s: the authority that is there may not sign %s; to make a new one: %s",
            ", ".join(missing),
            them,
            settings.permit.command(),
        )
