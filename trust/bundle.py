"""Variables that make programs with a bundle of their own trust the root: make env.

Some add to what a program trusts, and get the root alone; the others replace it,
and get a bundle that also holds what was trusted before.

What was trusted before is what the variables named. A bundle begins with that, a
comment a variable, and has a name of its own for it: so `make env` in a shell that
has its answer already reads those files again, instead of its own answer, and one
in another shell leaves the bundle of the first alone. What a file, or the system,
has no longer is gone from the bundle then.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

from certs import files
from certs.errors import RefusalError
from trust.root import Root

log = logging.getLogger(__name__)

BUNDLE = "bundle.pem"
_BUNDLES = re.compile(r"bundle(-[0-9a-f]{8})?\.pem")

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

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s.*?\s-----END CERTIFICATE-----", re.DOTALL)
_HEAD = re.compile(r"^# ([A-Z_]+)=(.+)$", re.MULTILINE)


class NoPublicRootsError(RefusalError):
    """There is nothing to put beside the root. The text says where it was looked for."""


def variables(env: Mapping[str, str], folder: Path, root: Path) -> dict[str, str]:
    """What is to be set. folder: where the bundle is. root: the root's file."""
    return _variables(_theirs(env, folder, root), folder, root)


def _variables(theirs: Mapping[str, str], folder: Path, root: Path) -> dict[str, str]:
    path = str(folder / _name(theirs))
    # These take one file: where another is named already, the bundle holds it too.
    adding = {name: path if name in theirs else str(root) for name in ADDING}
    return adding | dict.fromkeys(REPLACING, path)


def prepare(
    env: Mapping[str, str],
    folder: Path,
    root: Root,
    owner: files.Owner | None = None,
    fs: Path = Path("/"),
) -> dict[str, str]:
    """Writes the bundle into the folder, and returns the variables.

    What the environment names already stays trusted, in a bundle of its own. fs: what
    stands for / (a test's folder). What is named and counts for nothing is logged.
    Raises NoPublicRootsError, OSError.
    """
    theirs = _theirs(env, folder, root.path)
    added = [Path(theirs[name]) for name in ADDING if name in theirs]
    replaced = [Path(theirs[name]) for name in REPLACING if name in theirs] or [public(fs)]
    texts = [file.read_text(errors="replace") for file in (*replaced, *added)]
    data = _head(theirs) + bundle([*texts, root.pem])
    files.write(folder / _name(theirs), data, files.PUBLIC, owner)
    if theirs:  # for other shells and for containers, whose environment is another
        with contextlib.suppress(NoPublicRootsError):
            data = bundle([public(fs).read_text(errors="replace"), root.pem])
            files.write(folder / BUNDLE, data, files.PUBLIC, owner)
    return _variables(theirs, folder, root.path)


def bundles(folder: Path) -> list[Path]:
    """All that were written there."""
    return [path for path in folder.glob("*.pem") if _BUNDLES.fullmatch(path.name)]


def _theirs(env: Mapping[str, str], folder: Path, root: Path) -> dict[str, str]:
    """The files that the environment names. For a bundle that make env wrote, those
    that were named when it was made. Without a certificate a file would leave nothing
    of what is public: it counts as not named."""
    theirs = {}
    for name in (*ADDING, *REPLACING):
        value = env.get(name, "")
        path = Path(value)
        if path.parent == folder and _BUNDLES.fullmatch(path.name):
            value = _read_head(path).get(name, "")
        if not value or value == str(root):
            continue
        if _PEM.search(text_of(Path(value))):
            theirs[name] = value
        else:
            log.warning(
                "%s names %s, where no PEM certificate can be read: it counts as not set",
                name,
                value,
            )
    return theirs


def text_of(path: Path) -> str:
    """Nothing where it is no file, or one that may not be read."""
    try:
        return path.read_text(errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def _name(theirs: Mapping[str, str]) -> str:
    """Of the bundle with these."""
    if not theirs:
        return BUNDLE
    return f"bundle-{hashlib.sha256(_head(theirs)).hexdigest()[:8]}.pem"


def _head(theirs: Mapping[str, str]) -> bytes:
    return b"".join(os.fsencode(f"# {name}={value}\n") for name, value in theirs.items())


def _read_head(path: Path) -> dict[str, str]:
    try:
        text = os.fsdecode(path.read_bytes())
    except FileNotFoundError:
        return {}
    return dict(_HEAD.findall(text))


def bundle(texts: Iterable[str]) -> bytes:
    """The certificates of these PEM texts, each once, without what stands between."""
    found = (match.group() for text in texts for match in _PEM.finditer(text))
    return "".join(f"{pem}\n" for pem in dict.fromkeys(found)).encode()


def public(fs: Path = Path("/")) -> Path:
    """The file with the roots that this system trusts. Raises NoPublicRootsError."""
    paths = [fs / path for path in _SYSTEM]
    for path in paths:
        if path.is_file() and path.stat().st_size:
            return path
    with contextlib.suppress(ImportError):
        return Path(import_module("certifi").where())
    raise NoPublicRootsError(
        f"no bundle of public roots was found at {', '.join(map(str, paths))}, nor certifi; "
        "install ca-certificates, or certifi: python3 -m pip install certifi"
    )


def render(variables: Mapping[str, str], shell: str) -> str:
    """The lines that set them. Raises KeyError for a shell that is not in SHELLS."""
    return "".join(f"{SHELLS[shell](name, value)}\n" for name, value in variables.items())


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    # It takes the typographic ones for quotes too.
    doubled = re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


SHELLS: dict[str, Callable[[str, str], str]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
}
