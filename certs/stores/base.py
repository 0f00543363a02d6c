"""What every trust store answers, whatever it is.

A store only plans: trust and forget return commands. It is handed the root's
certificate, never a key. Running the plans is certs.trust's.
"""

from __future__ import annotations

import enum
import hashlib
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.commands import Command, Runner

PREFIX = "wss-stack root "  # of the common name of every root of ours


@dataclass(frozen=True)
class Root:
    """The certificate to be trusted. name has a fingerprint in it: it serves as
    nickname and alias too."""

    path: Path  # a PEM file that everyone may read
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
        """Lower-case hexadecimal, of the whole certificate."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def name(self) -> str:
        certificate = x509.load_der_x509_certificate(self.der)
        return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


class Verdict(enum.Enum):
    TRUSTED = "trusted"
    ABSENT = "absent"
    # There is such a store, but it cannot be worked on now.
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class State:
    verdict: Verdict
    why: str = ""  # for UNAVAILABLE: what is in the way
    mend: str = ""  # and the command to type
    back: str = ""  # that which takes a root back, where it is another


TRUSTED = State(Verdict.TRUSTED)
ABSENT = State(Verdict.ABSENT)


def may(path: Path, mode: int) -> bool:
    """As os.access; as the user whom root has become (certs.user): the effective one."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def read_only(path: Path) -> bool:
    """Whether it is on a file system that not even root can write to."""
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


class Store(Protocol):
    """kind and place together name a store, in the ledger too."""

    kind: str  # "system", "nss", "firefox", "java", ...
    place: str  # a path where there can be several
    title: str  # for people

    def check(self, root: Root, runner: Runner) -> State:
        """Whether the store has and trusts exactly this root. Changes nothing.

        Raises CommandError, OSError.
        """

    def trust(self, root: Root) -> Sequence[Command]:
        """The commands that add it."""

    def forget(self, root: Root) -> Sequence[Command]:
        """The commands that take it out, wherever it was put by trust."""


class Finder(Protocol):
    """Each store module has find() of this form."""

    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
        """The stores of this kind on this machine.

        env: HOME and its like. fs: what stands for / (a test's folder).
        """


class Rebuilder(Protocol):
    """Each store module has at() of this form, beside find()."""

    def __call__(self, place: str, title: str, runner: Runner, fs: Path) -> Store | None:
        """The store in this place, which was found once; None: it cannot be worked on here.

        What find() went by may be another since: JAVA_HOME, PATH, XDG_DATA_HOME. What
        was written there is to be taken back all the same.
        """
