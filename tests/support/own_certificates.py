"""A certificate authority that is not this project's, and the files that its clients write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509


@dataclass
class Company:
    """An authority with an intermediate."""

    root: trustme.CA = field(default_factory=lambda: trustme.CA(organization_name="a company"))
    intermediate: trustme.CA = field(init=False)

    def __post_init__(self) -> None:
        self.intermediate = self.root.create_child_ca()

    @property
    def root_pem(self) -> bytes:
        return self.root.cert_pem.bytes()

    def issue(self, *names: str, days: float = 60, rsa: bool = False) -> Issued:
        """A certificate that ends in so many days, and began 30 days ago."""
        now = datetime.now(UTC)
        leaf = self.intermediate.issue_cert(
            *names,
            not_before=now - timedelta(days=30),
            not_after=now + timedelta(days=days),
            key_type=trustme.KeyType.RSA if rsa else trustme.KeyType.ECDSA,
        )
        chain = [pem.bytes() for pem in leaf.cert_chain_pems]
        return Issued(leaf.private_key_pem.bytes(), chain)


@dataclass(frozen=True)
class Issued:
    """key and chain: PEM; the leaf is the chain's first."""

    key: bytes
    chain: list[bytes]

    @property
    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.chain[0]).serial_number

    def write(self, folder: Path) -> tuple[Path, Path]:
        """fullchain.pem and privkey.pem, as ACME clients write them."""
        folder.mkdir(parents=True, exist_ok=True)
        files = folder / "fullchain.pem", folder / "privkey.pem"
        for file, data in zip(files, (b"".join(self.chain), self.key), strict=True):
            new = file.with_suffix(".new")
            new.write_bytes(data)
            new.replace(file)
        return files


@dataclass
class Lineage:
    """The folders of certbot for one certificate: live/NAME has links into archive/NAME."""

    folder: Path
    name: str
    count: int = 0

    @property
    def cert(self) -> Path:
        return self.folder / "live" / self.name / "fullchain.pem"

    @property
    def key(self) -> Path:
        return self.cert.with_name("privkey.pem")

    def renew(self, issued: Issued) -> None:
        """Writes files of the next number, then moves the links, one after the other."""
        self.count += 1
        archive = self.folder / "archive" / self.name
        archive.mkdir(parents=True, exist_ok=True)
        self.cert.parent.mkdir(parents=True, exist_ok=True)
        for link, data in ((self.cert, b"".join(issued.chain)), (self.key, issued.key)):
            file = archive / f"{link.stem}{self.count}.pem"
            file.write_bytes(data)
            new = link.with_suffix(".new")
            new.symlink_to(Path("../../archive") / self.name / file.name)
            new.replace(link)
