"""bundle.pem in CA_HOME, and the variables that make programs read it: make env.

It holds the public roots, what the variables named before, and the root. Each file that
was named is a comment at its head: where a shell has the answer of `make env` already,
that names the bundle itself, and those files are read again. What a file, or the system,
has no longer is gone from the bundle then. Other shells share it, so that what one of
them named stays for all.
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

# These add to what a program trusts, and could do with the root alone. They get the
# bundle all the same: `make untrust` can take the root out of it.
ADDING = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
REPLACING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

# As in Go's crypto/x509/root_linux.go, root_bsd.go and root_darwin.go.
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
    """There is nothing to put beside the root. The text says where it was looked for."""


def prepare(
    env: Mapping[str, str], folder: Path, root: Root, fs: Path = Path("/")
) -> dict[str, str]:
    """Writes the bundle into the folder, and returns the variables.

    fs: what stands for / (a test's folder). What is left out of the bundle is logged.
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
    """Whether a root of this project is in the bundle there."""
    return any(map(_is_root, pem.certificates(folder / BUNDLE)))


def take_root_out(folder: Path) -> None:
    """The bundle stays for the shells that name it: without it they would trust nobody."""
    path = folder / BUNDLE
    others = [block.text for block in pem.certificates(path) if not _is_root(block)]
    _write(path, _head(path), others)


def named_by(env: Mapping[str, str], folder: Path) -> list[str]:
    """The variables that name a file of `make env` there, or root.pem."""
    own = {_real(folder / BUNDLE), _real(folder / ca_home.ROOT)}
    return sorted(name for name, value in env.items() if value and _real(Path(value)) in own)


def _named(env: Mapping[str, str], path: Path) -> list[str]:
    """The files to be in the bundle, by the environment and by its own head. Without a
    certificate a file would leave nothing of what is public: it counts as not named."""
    own = {_real(path), _real(path.with_name(ca_home.ROOT))}
    values = [(str(path), value) for value in _head(path)]
    values += [(name, env[name]) for name in (*ADDING, *REPLACING) if env.get(name)]
    found: dict[str, None] = {}
    for name, value in values:
        # As it is read from any folder.
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
    """Two paths to one file are one; a link that leads nowhere is as it is."""
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
    """Each certificate once."""
    head = b"".join(os.fsencode(f"# named before: {value}\n") for value in named)
    data = "".join(f"{text}\n" for text in dict.fromkeys(certificates))
    files.write(path, head + data.encode(), files.PUBLIC)


def _whole_blocks(source: Path, path: Path) -> list[pem.Block]:
    blocks = pem.blocks(source)
    for block in blocks:
        if not block.der:
            log.warning(
                "%s, line %s: that block is no certificate, so it is not in %s",
                source,
                block.line,
                path,
            )
    return [block for block in blocks if block.der]


def _is_root(block: pem.Block) -> bool:
    # By the bytes of its name: cryptography warns of public roots that others take.
    return PREFIX.encode() in block.der


def public(fs: Path = Path("/")) -> Path:
    """The file with the roots that this system trusts. Raises NoPublicRootsError."""
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
