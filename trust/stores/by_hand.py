"""Commands that show a user the certificates of a store, if this program cannot look for the
root itself: it has no copy of the root, or the store fails.

No command here removes a certificate unseen. The user compares fingerprints.
"""

from __future__ import annotations

import shlex


def fingerprint(sha256: str) -> str:
    """The fingerprint in the form A1:B2:..."""
    return ":".join(sha256[at : at + 2] for at in range(0, len(sha256), 2)).upper()


def command(kind: str, place: str, sha256: str) -> str:
    """The command to type."""
    argv = {
        # The file's name has a part of the fingerprint.
        "system": ("ls", "-l", f"{place}/wss-stack-{sha256[:8]}.crt"),
        "nss": ("certutil", "-L", "-d", f"sql:{place}"),
        "firefox": ("certutil", "-L", "-d", f"sql:{place}"),
        "java": ("keytool", "-list", "-storepass", "changeit", "-keystore", place),
        "macos": ("security", "find-certificate", "-a", "-Z", "-c", "wss-stack root", place),
        "hosts": ("grep", "-n", f"wss-stack {sha256[:8]}", place),
        "windows": ("certutil.exe", "-store", "-user", "Root"),
    }.get(kind)
    # A newer version wrote the entry, and knows the command.
    return shlex.join(argv) if argv else f"look into {place} by hand"
