"""The certificate for a Swarm: what the certs process makes in Compose, as one archive.

There it writes into a volume. For a Swarm the machine that deploys runs the same code, and hands
its folder over as a secret: certificate and key, hosts, trust page.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from cryptography import x509

from certs import files, leaf_dir, mint, own_leaf
from certs.page import publish
from certs.settings import Settings

_ARCHIVED = ("*.pem", leaf_dir.HOSTS, publish.FOLDER)


def make(settings: Settings, *, renew: bool = False) -> None:
    """Makes the folder current. renew: with a new leaf, even if the one there is good.
    Raises MintError, HostError, OwnCertificateError."""
    own, wrong = own_leaf.look(settings)
    if wrong:
        raise wrong
    files.make_folder(settings.leaf_dir, 0o700)
    if renew:
        for name in (leaf_dir.LEAF, leaf_dir.LEAF_NAMES):
            (settings.leaf_dir / name).unlink(missing_ok=True)
    authority = mint.ensure(settings, own=own)
    own_leaf.ensure(settings, own)
    publish.ensure(settings, authority)


def archive(folder: Path) -> bytes:
    """The same bytes for the same content: no times, no owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for pattern in _ARCHIVED:
            for path in sorted(p for top in folder.glob(pattern) for p in (top, *top.rglob("*"))):
                entry = tar.gettarinfo(path, str(path.relative_to(folder)))
                entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
                if entry.isfile():
                    with path.open("rb") as file:
                        tar.addfile(entry, file)
                else:
                    tar.addfile(entry)
    return gzip.compress(packed.getvalue(), mtime=0)


def expiry(folder: Path) -> str:
    """The day on which the leaf ends, as 2027-02-24."""
    found = x509.load_pem_x509_certificate((folder / leaf_dir.LEAF).read_bytes())
    return found.not_valid_after_utc.date().isoformat()
