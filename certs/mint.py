"""Makes the authority and the leaf agree with the settings."""

from __future__ import annotations

import logging

from certs import ca_home, leaf_dir
from certs.authority import Authority
from certs.names import HostError
from certs.own_certificate import OwnCertificate
from certs.settings import Settings

log = logging.getLogger(__name__)


def ensure(
    settings: Settings, *, from_watch: bool = False, own: OwnCertificate | None = None
) -> Authority:
    """Makes the authority current, then the leaf. Raises MintError, HostError.

    from_watch: the caller is the certs process. While one runs, no other caller touches
        the leaf, because that process may have other hosts.
    own: the certificate of CERT, where the caller has read it.
    """
    authority = ca_home.ensure_authority(settings)
    if settings.own is None:
        settings.hosts.check(authority.permitted, settings.permit)
    elif own:
        _check_covered(settings, authority, own)
    if not from_watch:  # certs.watch warns once, not every second
        warn_if_permit_is_ignored(settings, authority)
    if from_watch or not leaf_dir.is_kept(settings.leaf_dir):
        leaf_dir.ensure_leaf(settings, authority, own.names if own else ())
    return authority


def _check_covered(settings: Settings, authority: Authority, own: OwnCertificate) -> None:
    """Raises HostError for a host that neither certificate can be for."""
    minted = settings.minted_hosts(authority.permitted).sans()
    for host in settings.hosts.sans():
        if host not in minted and not own.covers(host):
            raise HostError(
                f"HOSTS or SITES: {host!r} is neither a host of CERT {settings.own}, which is for "
                f"{', '.join(own.names)}, nor one that the authority may sign. Have a certificate "
                f"issued that covers it, or permit it: PERMIT={host.removeprefix('*.')} make certs"
            )


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
