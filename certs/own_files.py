"""Finds the files of CERT and KEY, and the links on the way to them.

In Docker a folder of the machine is mounted under HOST_ROOT. A link in it may be absolute, so
this module follows links itself, inside that root.
"""

from __future__ import annotations

import errno
import getpass
import os
import shlex
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from certs.errors import MissingFileError, OwnCertificateError, SettingError, UnreadableFileError

_MOST_LINKS = 40  # as Linux has it
_MOST_BYTES = 1 << 20
_KINDS = {PermissionError: UnreadableFileError, FileNotFoundError: MissingFileError}


@dataclass(frozen=True)
class OwnFiles:
    """CERT and KEY. key: None where CERT holds both. root: where the machine's folders are,
    which is not / in a container. mounted: the folder of them that is there."""

    cert: Path
    key: Path | None
    root: Path = Path("/")
    mounted: Path = Path("/")
    named: Path | None = None  # CERT_DIR

    def __str__(self) -> str:
        return str(self.cert)

    @property
    def key_or_cert(self) -> Path:
        return self.key or self.cert

    def read(self) -> tuple[bytes, bytes | None]:
        """The content of CERT and of KEY. Raises OwnCertificateError."""
        return self._read("CERT", self.cert), self._read("KEY", self.key) if self.key else None

    def to_mount(self) -> Path:
        """The folder for a container. Raises SettingError."""
        folder = self.named or self.folder()
        if folder == Path("/"):
            raise SettingError(
                f"CERT {self.cert} and KEY {self.key_or_cert}, or what they lead to, have no "
                "folder in common but /, which no container gets. Copy them into one folder, or "
                "run without Docker: MODE=local make up"
            )
        return folder

    def folder(self) -> Path:
        """The smallest folder with both files and all links on the way to them.

        certbot's live/NAME/fullchain.pem is a link to ../../archive/NAME.
        """
        found: list[str] = []
        for path in filter(None, (self.cert, self.key)):
            found.append(str(path.parent))
            try:
                found += [str(each.parent) for each in _walk(path, self.root)[1]]
            except OSError:
                # certbot's folders are closed for other users.
                if path.parent.parent.name == "live":
                    found.append(str(path.parent.parent.parent))
        return Path(os.path.commonpath(found))

    def _read(self, setting: str, path: Path) -> bytes:
        try:
            file, _ = _walk(path, self.root)
            with (self.root / file.relative_to("/")).open("rb") as content:
                return content.read(_MOST_BYTES)
        except OSError as error:
            kind = _KINDS.get(type(error), OwnCertificateError)
            raise kind(self._why(setting, path, error)) from error

    def _why(self, setting: str, path: Path, error: OSError) -> str:
        at = Path(error.filename or path)
        if self.root in at.parents:
            at = Path("/") / at.relative_to(self.root)
        leads = f" leads to {at}, which" if at != path and at not in path.parents else ""
        if isinstance(error, PermissionError):
            user, folder = getpass.getuser(), shlex.quote(str(self.folder()))
            return (
                f"{setting} {path}{leads} cannot be read by {user}. Let this user read it: sudo "
                f"setfacl -R -m u:{user}:rX -m d:u:{user}:rX {folder}"
            )
        if isinstance(error, FileNotFoundError):
            if self.mounted != at and self.mounted not in at.parents:
                common = os.path.commonpath([self.mounted, at])
                return (
                    f"{setting} {path}{leads} is not in the folder that this container sees, "
                    f"{self.mounted}. Name one with both: CERT_DIR={common} docker compose up -d"
                )
            return f"{setting} {path}{leads} does not exist. See what is there: ls -l {at.parent}"
        return f"{setting} {path}{leads} cannot be read: {error.strerror}. See: ls -l {at}"


def parse(env: Mapping[str, str]) -> OwnFiles | None:
    """Reads CERT, KEY and CERT_DIR; None without them. Raises SettingError."""
    cert, key, folder = (_absolute(env, name) for name in ("CERT", "KEY", "CERT_DIR"))
    if cert is None:
        for name in ("KEY", "CERT_DIR"):
            if env.get(name):
                raise SettingError(
                    f"{name} is {env[name]!r}, and CERT is not set. Name the certificate too: "
                    f"CERT=/path/fullchain.pem, or unset {name}"
                )
        return None
    for path in filter(None, (cert, key)):
        if folder and folder not in path.parents:
            common = os.path.commonpath([folder, path.parent])
            raise SettingError(
                f"CERT_DIR is {folder}, and {path} is not in it. Name a folder with both, or unset "
                f"CERT_DIR: CERT_DIR={common}"
            )
    root = Path(env.get("HOST_ROOT", "/"))
    mounted = Path("/") if root == Path("/") else folder or cert.parent
    return OwnFiles(cert, key, root, mounted, folder)


def _absolute(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    if not value:
        return None
    if not value.startswith("/"):
        raise SettingError(
            f"{name} is {value!r}; write an absolute path, as Docker needs it: "
            f"{name}={Path(value).expanduser().absolute()}"
        )
    return Path(value)


def _walk(path: Path, root: Path) -> tuple[Path, list[Path]]:
    """The file that path leads to, with links followed inside root; and every link on the way.
    All as paths of the machine. Raises OSError."""
    left, done, links = deque(path.parts[1:]), Path("/"), []
    while left:
        part = left.popleft()
        if part == "..":
            done = done.parent
            continue
        here = root / (done / part).relative_to("/")
        try:
            target = Path(here.readlink())
        except OSError as error:
            if error.errno != errno.EINVAL:  # it is no link
                raise
            done /= part
            continue
        links.append(done / part)
        if len(links) > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        if target.is_absolute():
            done = Path("/")
        left.extendleft(reversed([each for each in target.parts if each != "/"]))
    return done, [*links, done]
