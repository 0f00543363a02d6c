"""The releases of nginx without published holes, branch by branch."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

_OCTOBER = "CVE-2026-93479 (variables in root)"
_NOVEMBER = (
    "CVE-2026-123633 and CVE-2026-123007 (HTTP/2), CVE-2026-123634 (resolver), "
    "CVE-2026-118899 (request bodies)"
)

# For each branch: the patch release that closes the last holes, and these holes
# (https://nginx.org/en/security_advisories.html). A release is compared within its branch:
# 1.31.3 has holes that 1.30.7 has not. Older branches get no fixes from nginx.org, and the
# configuration needs 1.29.7.
CURRENT_FROM = {
    (1, 30): (7, f"{_NOVEMBER}; before 1.30.6 also {_OCTOBER}"),
    (1, 31): (9, f"{_NOVEMBER}; before 1.31.7 also {_OCTOBER}"),
}

# Versions of freenginx, openresty and others have another meaning, and do not match.
_VERSION = re.compile(r"^nginx version: nginx/(\d+)\.(\d+)\.(\d+)", re.MULTILINE)


# Groups for TLS. From 3.3 on, OpenSSL skips an unknown name after a `?` (X25519MLKEM768 before
# 3.5); before 3.3, and in other libraries, the `?` is an error.
GROUPS = "X25519:P-256:P-384"
SKIPPING_GROUPS = f"?X25519MLKEM768:{GROUPS}"
_OPENSSL = re.compile(r"(?:built|running) with OpenSSL (\d+)\.(\d+)\.(\d+)")

# The patch releases that close October's hole; a branch after them never had it.
_WITHOUT_OCTOBERS = {(1, 30): 6, (1, 31): 7}


class Standing(enum.Enum):
    CURRENT = "current"
    BEHIND = "behind"  # it runs, with holes that are published
    TOO_OLD = "too old"  # it lacks what the configuration needs, and gets no fixes


@dataclass(frozen=True)
class Version:
    """A release of nginx."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def standing(self) -> Standing:
        branch = (self.major, self.minor)
        if branch in CURRENT_FROM:
            return Standing.CURRENT if self.patch >= CURRENT_FROM[branch][0] else Standing.BEHIND
        return Standing.CURRENT if branch > max(CURRENT_FROM) else Standing.TOO_OLD

    @property
    def wanted(self) -> str:
        """The oldest release without holes of this branch, or of the oldest branch with one."""
        branch = max(min(CURRENT_FROM), (self.major, self.minor))
        patch, _ = CURRENT_FROM.get(branch, (self.patch, ""))
        return f"{branch[0]}.{branch[1]}.{patch}"

    @property
    def holes(self) -> str:
        """The published holes of this branch; empty if the release has none of them."""
        if self.standing is not Standing.BEHIND:
            return ""
        return CURRENT_FROM[self.major, self.minor][1]

    @property
    def months_behind(self) -> int:
        """How many months' holes it has: 0, 1 or 2."""
        since = _WITHOUT_OCTOBERS.get((self.major, self.minor), 0)
        return (self.standing is Standing.BEHIND) + (self.patch < since)


def parse(output: str) -> Version | None:
    """The version in the output of `nginx -v` or `nginx -V`, without a distribution's suffix.
    None for a program that is not nginx."""
    found = _VERSION.search(output)
    return Version(*map(int, found.groups())) if found else None


def openssl(build: str) -> tuple[int, ...]:
    """The version of OpenSSL in the output of `nginx -V`: the last one there, with which nginx
    runs. Empty for another library."""
    found = _OPENSSL.findall(build)
    return tuple(map(int, found[-1])) if found else ()


def tls_groups(build: str) -> str:
    """The value of ssl_ecdh_curve for the library in the output of `nginx -V`."""
    return SKIPPING_GROUPS if openssl(build) >= (3, 3) else GROUPS
