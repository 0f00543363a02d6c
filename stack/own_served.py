"""Which certificate nginx serves for the names of CERT, seen from this machine."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from certs import leaf, own_leaf
from certs.authority import UNREADABLE
from certs.errors import UnreadableFileError
from certs.own_certificate import OwnCertificate
from certs.settings import Settings

# nginx serves CERT for every name that the authority may not sign, so also for this one, which
# nobody has (RFC 6761, section 6.4).
_ANY = "name.invalid"
_TIMEOUT = 5.0
_PATIENCE = 3.0  # seconds, until nginx surely serves a new file


@dataclass(frozen=True)
class Row:
    """CERT, for `status` and `doctor`. ok: None if nothing listens. days_left: of what is
    served, else of the file."""

    file: str
    ok: bool | None
    text: str
    fix: str = ""
    days_left: int | None = None


def look(settings: Settings) -> Row | None:
    """None without CERT. Changes nothing."""
    if settings.own is None:
        return None
    deadline = time.monotonic() + _PATIENCE
    while True:
        row, settled = _look(settings, str(settings.own))
        if settled or time.monotonic() > deadline:
            return row
        time.sleep(0.2)


def _look(settings: Settings, file: str) -> tuple[Row, bool]:
    """The row, and whether it stays so: nginx takes a moment to serve a new file."""
    own, wrong = own_leaf.look(settings)
    served = _served(settings)
    # In Docker the certs process is root, and may read what this user may not.
    unread = isinstance(wrong, UnreadableFileError)
    if served is None:
        if own and not wrong:
            return _row(file, None, own.leaf, "nothing listens, so nobody gets it"), True
        return Row(file, None if unread else False, str(wrong)), True
    if wrong and not unread:
        return _row(file, False, served, f"{wrong}. Served until then"), True
    if _is_minted(served):
        return Row(file, False, "nginx has no good certificate of it yet", "make logs"), False
    if own and not wrong and own.leaf != served:
        return _row(file, False, served, "nginx serves another one", "make up"), False
    if served.not_valid_after_utc <= datetime.now(UTC):
        return _row(file, False, served, "it has expired", "certbot renew"), True
    return _row(file, True, served), True


def _row(
    file: str, ok: bool | None, certificate: x509.Certificate, why: str = "", fix: str = ""
) -> Row:
    found = OwnCertificate(b"", certificate, (), tuple(sorted(leaf.sans_of(certificate))))
    days = found.days_left(datetime.now(UTC))
    text = f"{', '.join(found.names)}; {days} days left"
    return Row(file, ok, f"{why}: {text}" if why else text, fix, days)


def _served(settings: Settings) -> x509.Certificate | None:
    # It is looked at, not trusted: its chain is that of another authority.
    any_chain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    any_chain.check_hostname = False
    any_chain.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(settings.endpoint.address, timeout=_TIMEOUT) as plain,
            any_chain.wrap_socket(plain, server_hostname=_ANY) as connection,
        ):
            return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    except (OSError, *UNREADABLE):
        return None


def _is_minted(certificate: x509.Certificate) -> bool:
    return "O=wss-stack" in certificate.subject.rfc4514_string().split(",")
