"""Makes the authority and the leaf agree with the settings."""

from __future__ import annotations

import logging

from certs import ca_home, leaf_dir
from certs.authority import Authority
from certs.settings import Settings

log = logging.getLogger(__name__)


def ensure(settings: Settings, *, from_watch: bool = False) -> Authority:
    """Makes the authority current, then the leaf. Raises MintError, HostError.

    from_watch: the caller is the certs process. While one runs, no other caller touches
        the leaf, because that process may have other hosts.
    """
    authority = ca_home.ensure_authority(settings)
    settings.hosts.check(authority.permitted, settings.permit)
    if not from_watch:  # certs.watch warns once, not every second
        warn_if_permit_is_ignored(settings, authority)
    if from_watch or not leaf_dir.is_kept(settings.leaf_dir):
        leaf_dir.ensure_leaf(settings, authority)
    return authority


def warn_if_permit_is_ignored(settings: Settings, authority: Authority) -> None:
    """Warns of a PERMIT without effect: it counts only when an authority is made."""
    missing = settings.permit.minus(authority.permitted)
    if missing:
        them = "it" if len(missing) == 1 else "them"
        log.warning(
            "PERMIT %s: the authority may not sign %s; to make a new authority: %s",
            ", ".join(missing),
            them,
            settings.permit.command(),
        )
