"""What shows a person the certificates of a store: where it cannot be asked for one.

It cannot without a copy of the root, or when it fails. No program here may take out
what it has not seen. What is shown is to be compared by fingerprint.
"""

from __future__ import annotations

import shlex


def fingerprint(sha256: str) -> str:
    """As programs show it: A1:B2:..."""
    return ":".join(sha256[at : at + 2] for at in range(0, len(sha256), 2)).upper()


def command(kind: str, place: str, sha256: str) -> str:
    """To be typed."""
    argv = {
        # The name that it has there is made from its fingerprint.
        "system": ("ls", "-l", f"{place}/wss-stack-{sha256[:8]}.crt"),
        "nss": ("certutil", "-L", "-d", f"sql:{place}"),
        "firefox": ("certutil", "-L", "-d", f"sql:{place}"),
        "java": ("keytool", "-list", "-storepass", "changeit", "-keystore", place),
        "macos": ("security", "find-certificate", "-a", "-Z", "-c", "wss-stack root", place),
        "hosts": ("grep", "-n", f"wss-stack {sha256[:8]}", place),
        "windows": ("certutil.exe", "-store", "-user", "Root"),
    }.get(kind)
    # Written by a newer version: that one knows what shows it.
    return shlex.join(argv) if argv else f"look into {place} by hand"
