"""Puts the certificate of CERT beside the leaf, and keeps it current there."""

from __future__ import annotations

import functools
import logging
import time
from datetime import UTC, datetime

from certs import files, leaf_dir, own_certificate
from certs.errors import MintError, OwnCertificateError
from certs.own_certificate import OwnCertificate
from certs.settings import Settings

log = logging.getLogger(__name__)

OWN = "own.pem"
# Seconds. A client writes the two files one after the other.
_BETWEEN_TWO_FILES = 0.3


def look(settings: Settings) -> tuple[OwnCertificate | None, OwnCertificateError | None]:
    """The certificate of CERT. Where that is bad: the last good one, if there was one, and the
    error. Changes nothing."""
    if settings.own is None:
        return None, None
    try:
        return _current(settings), None
    except OwnCertificateError:
        time.sleep(_BETWEEN_TWO_FILES)
    try:
        return _current(settings), None
    except OwnCertificateError as error:
        return kept(settings), error


def kept(settings: Settings) -> OwnCertificate | None:
    """The certificate beside the leaf, which nginx serves; None if there is none."""
    try:
        data = (settings.leaf_dir / OWN).read_bytes()
        if data == (settings.leaf_dir / leaf_dir.LEAF_NAMES).read_bytes():
            return None  # it takes the certificate's place: see ensure
    except OSError:
        return None
    return own_certificate.read_kept(data)


def ensure(settings: Settings, own: OwnCertificate | None) -> None:
    """Writes what look() found beside the leaf. Raises MintError."""
    path = settings.leaf_dir / OWN
    try:
        if settings.own is None:
            files.delete(path)
            return
        # nginx opens this file for every name that the authority may not sign. So it is the
        # minted leaf until there is a good certificate.
        wanted = own.pem if own else (settings.leaf_dir / leaf_dir.LEAF_NAMES).read_bytes()
        if path.exists() and path.read_bytes() == wanted:
            return
        with files.locked_writes(settings.leaf_dir):
            files.write(path, wanted, files.SECRET, settings.leaf_owner)
    except OSError as error:
        raise MintError(
            f"CERT {settings.own} cannot be written to {settings.leaf_dir}: {error.strerror}"
        ) from error
    if own:
        now = datetime.now(UTC)
        days = own.days_left(now)
        log.info("serving CERT %s for %s; %d days left", settings.own, ", ".join(own.names), days)
        for text in own.warnings(str(settings.own), now):
            log.warning("%s", text)


def _current(settings: Settings) -> OwnCertificate:
    """Raises OwnCertificateError."""
    if settings.own is None:
        raise TypeError("CERT is not set")
    found = _checked(*settings.own.read(), str(settings.own), str(settings.own.key_or_cert))
    if isinstance(found, OwnCertificateError):
        raise found
    own_certificate.check_time(found.leaf, str(settings.own), datetime.now(UTC))
    return found


# Cached, because the watch loop looks every second, and OpenSSL takes a tenth of a second to
# check an RSA key.
@functools.lru_cache(maxsize=2)
def _checked(
    cert: bytes, key: bytes | None, cert_file: str, key_file: str
) -> OwnCertificate | OwnCertificateError:
    try:
        return own_certificate.check(cert, key, cert_file, key_file)
    except OwnCertificateError as error:
        return error
