"""The configuration profile with which iPhones, iPads and Macs install a root. Untried.

It follows Apple's reference (Device Management, CertificateRoot); no Apple device was
there to try it.
"""

from __future__ import annotations

import hashlib
import plistlib
import uuid


def mobileconfig(der: bytes, name: str, description: str) -> bytes:
    """A profile that adds one root certificate.

    der: the certificate. name, description: for people, without control characters.
    The identifiers come from the certificate's SHA-256, so installing the same root again
    replaces its profile.
    """
    fingerprint = hashlib.sha256(der).hexdigest()
    identifier = f"wss-stack.root.{fingerprint[:16]}"
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.certificate",
        "PayloadUUID": _uuid(fingerprint, "certificate"),
        "PayloadDisplayName": name,
        "PayloadDescription": description,
        "PayloadCertificateFileName": "root.cer",
        "PayloadContent": der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": identifier,
            "PayloadUUID": _uuid(fingerprint, "profile"),
            "PayloadDisplayName": name,
            "PayloadDescription": description,
            "PayloadOrganization": "wss-stack",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [payload],
        }
    )


def _uuid(fingerprint: str, part: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:wss-stack:{fingerprint}:{part}")).upper()
