"""bundle.pem in CA_HOME, and the variables that make programs read it: make env.

The bundle has the public roots, the certificates of the files that the variables named
before, and the root. Comments at its head list those files: in a shell that has evaluated
`make env` already, the variables name the bundle itself, and the listed files are read
again. Roots that these files or the system have dropped are dropped from the bundle too.
All shells share one bundle, so a file that one shell named stays for all.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from certs import ca_home, files
from certs.errors import RefusalError
from trust import pem
from trust.root import PREFIX, Root

log = logging.getLogger(__name__)

BUNDLE = "bundle.pem"

# These variables add to a program's own roots, so the root alone would be enough. They name
# the bundle all the same, because `make untrust` can remove the root from it.
ADDING = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
REPLACING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

# The list in Go's crypto/x509/root_linux.go, root_bsd.go and root_darwin.go.
_SYSTEM = (
    "etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Gentoo, Arch
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "etc/pki/tls/certs/ca-bundle.crt",  # older ones
    "etc/ssl/ca-bundle.pem",  # SUSE
    "etc/ssl/cert.pem",  # Alpine, macOS, FreeBSD
    "usr/local/etc/openssl/cert.pem",
    "opt/homebrew/etc/openssl@3/cert.pem",
)

_HEAD = re.compile(r"^# named before: (.+)$", re.MULTILINE)


class NoPublicRootsError(RefusalError):
    """No public roots were found. The text says where they were looked for."""


def prepare(
    env: Mapping[str, str], folder: Path, root: Root, fs: Path = Path("/")
) -> dict[str, str]:
    """Writes the bundle into the folder, and returns the variables.

    fs: the folder for / (a test's own). Blocks that are left out of the bundle are logged.
    Raises NoPublicRootsError, OSError.
    """
    path = folder / BUNDLE
    named = _named(env, path)
    sources = [Path(value) for value in named]
    try:
        sources.insert(0, public(fs))
    except NoPublicRootsError:
        if not named:
            raise
    found = [block.text for source in sources for block in _whole_blocks(source, path)]
    _write(path, named, [*found, root.pem.strip()])
    return dict.fromkeys((*ADDING, *REPLACING), str(path))


def has_root(folder: Path) -> bool:
    """Whether the bundle in this folder has a root of this project."""
    return any(map(_is_root, pem.certificates(folder / BUNDLE)))


def take_root_out(folder: Path) -> None:
    """Removes the root, and keeps the bundle: without it, shells that name it would trust
    nobody."""
    path = folder / BUNDLE
    others = [block.text for block in pem.certificates(path) if not _is_root(block)]
    _write(path, _head(path), others)


def named_by(env: Mapping[str, str], folder: Path) -> list[str]:
    """The variables that name this folder's bundle, or its root.pem."""
    own = {_real(folder / BUNDLE), _real(folder / ca_home.ROOT)}
    return sorted(name for name, value in env.items() if value and _real(Path(value)) in own)


def _named(env: Mapping[str, str], path: Path) -> list[str]:
    """The files that the environment and the bundle's head name. A file without a certificate
    does not count, or a bundle of this file alone would have no public roots."""
    own = {_real(path), _real(path.with_name(ca_home.ROOT))}
    values = [(str(path), value) for value in _head(path)]
    values += [(name, env[name]) for name in (*ADDING, *REPLACING) if env.get(name)]
    found: dict[str, None] = {}
    for name, value in values:
        # An absolute path, which is right in any folder.
        file = os.path.abspath(value)  # noqa: PTH100 - it leaves links as they are
        if file in found or _real(Path(value)) in own:
            continue
        if pem.certificates(Path(file)):
            found[file] = None
        else:
            log.warning(
                "%s names %s, where no PEM certificate can be read: it counts as not set",
                name,
                value,
            )
    return list(found)


def _real(path: Path) -> Path:
    """The path without links, so that two paths to one file are equal; a link that leads
    nowhere stays."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links; NUL
        return path


def _head(path: Path) -> list[str]:
    try:
        return _HEAD.findall(os.fsdecode(path.read_bytes()))
    except FileNotFoundError:
        return []


def _write(path: Path, named: Iterable[str], certificates: Iterable[str]) -> None:
    """Writes the bundle, with each certificate once."""
    head = b"".join(os.fsencode(f"# named before: {value}\n") for value in named)
    data = "".join(f"{text}\n" for text in dict.fromkeys(certificates))
    files.write(path, head + data.encode(), files.PUBLIC)


def _whole_blocks(source: Path, path: Path) -> list[pem.Block]:
    blocks = pem.blocks(source)
    for block in blocks:
        if not block.der:
            log.warning(
                "%s, line %s: this block is not a certificate, so it is not in %s",
                source,
                block.line,
                path,
            )
    return [block for block in blocks if block.der]


def _is_root(block: pem.Block) -> bool:
    # The name is looked for in the bytes: cryptography warns of some public roots.
    return PREFIX.encode() in block.der


def public(fs: Path = Path("/")) -> Path:
    """The file of the roots that this system trusts. Raises NoPublicRootsError."""
    paths = [fs / path for path in _SYSTEM]
    for path in paths:
        if pem.certificates(path):
            return path
    with contextlib.suppress(ImportError):
        return Path(import_module("certifi").where())
    raise NoPublicRootsError(
        f"no bundle of public roots was found at {', '.join(map(str, paths))}, nor certifi; "
        "install ca-certificates, or certifi: python3 -m pip install certifi"
    )
