"""A configuration profile: how iPhones, iPads and Macs take a root. Untried.

Written from Apple's reference (Device Management, CertificateRoot); no device of
Apple's could be reached to try it.
"""

from __future__ import annotations

import hashlib
import plistlib
import uuid


def mobileconfig(der: bytes, name: str, description: str) -> bytes:
    """A profile that adds one root certificate.

    der: the certificate. name, description: for people, without control characters.
    The same root always makes the same profile, so installing it again replaces
    it: the identifiers come from the certificate's SHA-256.
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
