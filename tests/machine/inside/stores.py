"""Run in the machine, as root: prints what every trust store holds, as JSON.

Standard library alone, and nothing of the project's: a second opinion.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

HOMES = (Path("/home/dev"), Path("/root"))
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
KEYSTORE = Path("/etc/ssl/certs/java/cacerts")
WATCHED = (
    "/etc/ssl",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/etc/chromium",
    "/etc/opt/chrome",
    "/etc/firefox",
    "/etc/firefox-esr",
    "/usr/lib/firefox-esr/distribution",
)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)

Certificate = tuple[str, str, str, str]


def output(*argv: str, user: int | None = None) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True, user=user).stdout


def fingerprints(text: str) -> list[str]:
    return [hashlib.sha256(base64.b64decode(body)).hexdigest() for body in _PEM.findall(text)]


def system() -> Iterator[Certificate]:
    for fingerprint in fingerprints(BUNDLE.read_text()):
        yield str(BUNDLE), "", "", fingerprint


def nss() -> Iterator[Certificate]:
    for home in HOMES:
        for database in sorted(home.rglob("cert9.db")):
            folder = f"sql:{database.parent}"
            owner = database.stat().st_uid
            for line in output("certutil", "-L", "-d", folder, user=owner).splitlines():
                row = re.fullmatch(r"(.+?)\s+(\w*,\w*,\w*)\s*", line)
                if row:
                    name, flags = row[1], row[2]
                    text = output("certutil", "-L", "-d", folder, "-n", name, "-a", user=owner)
                    for fingerprint in fingerprints(text):
                        yield str(database.parent), name, flags, fingerprint


def java() -> Iterator[Certificate]:
    found = [*Path("/usr/lib/jvm").glob("*/lib/security/*cacerts"), KEYSTORE]
    for keystore in sorted({path.resolve() for path in found}):
        command = ("keytool", "-list", "-rfc", "-storepass", "changeit", "-keystore")
        for entry in output(*command, str(keystore)).split("Alias name: ")[1:]:
            for fingerprint in fingerprints(entry):
                yield str(keystore), entry.splitlines()[0], "", fingerprint


def files() -> dict[str, str]:
    """Of Java's keystore the certificates count alone: it is full of dates."""
    found: dict[str, str] = {}
    for name in WATCHED:
        for path in [Path(name), *Path(name).rglob("*")]:
            if path.is_symlink():
                found[str(path)] = f"-> {path.readlink()}"
            elif path.is_file() and path != KEYSTORE:
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps({"certificates": [*system(), *nss(), *java()], "files": files()}))
