"""The root's certificate for trust stores, never its key."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

PREFIX = "wss-stack root "  # of the common name of every root of this project


@dataclass(frozen=True)
class Root:
    """The certificate to be trusted. Its name has a part of a fingerprint, so stores can use
    the name as nickname and alias."""

    path: Path  # a PEM file, for the programs that need one
    pem: str

    @classmethod
    def read(cls, path: Path) -> Root:
        """Raises OSError."""
        return cls(path, path.read_text())

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.pem)

    @property
    def sha256(self) -> str:
        """SHA-256 of the certificate, in lower-case hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def name(self) -> str:
        certificate = x509.load_der_x509_certificate(self.der)
        return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
