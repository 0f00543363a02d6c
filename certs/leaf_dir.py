"""The leaf's folder: the leaf, a leaf without addresses, the hosts, and a lock of their keeper."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from certs import ca_home, files, leaf, owners
from certs.authority import Authority
from certs.errors import MintError
from certs.hosts import Hosts
from certs.settings import Settings

log = logging.getLogger(__name__)

LEAF = "leaf.pem"
# A leaf without addresses, for clients that send a host name: see nginx/templates.
LEAF_NAMES = "leaf-names.pem"
HOSTS = "hosts"  # every host that nginx answers to
OWN_HOSTS = "own-hosts"  # those of CERT
_KEPT = "watched"


def ensure_leaf(settings: Settings, authority: Authority, own_names: Sequence[str] = ()) -> None:
    """Makes the two leaves and the lists of hosts current. Raises MintError.

    own_names: the names of CERT, to which nginx answers too.
    """
    folder, owner = settings.leaf_dir, settings.leaf_owner
    hosts = settings.minted_hosts(authority.permitted)
    lists = {HOSTS: {*hosts.authorities(), *own_names}, OWN_HOSTS: {*own_names}}
    try:
        since = ca_home.changed(settings.ca_home)
        same = all(listed(folder / name) == wanted for name, wanted in lists.items())
        if not _stale(folder, hosts, authority, since) and same:
            return
        if not folder.parent.is_dir():
            # Nothing may make a moved or deleted checkout again, with a key in it.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder.parent))
        files.make_folder(folder, 0o700, owner)
        if owner:
            # A new named volume belongs to root.
            folder.chmod(0o700)
            os.chown(folder, owner.uid, owner.gid)
        with files.locked_writes(folder):
            for path, sans, why in _stale(folder, hosts, authority, since):
                _set_aside_foreign(path)
                files.write(path, leaf.issue(authority, sans), files.SECRET, owner)
                log.info("issued %s for %s: %s", path.name, ", ".join(sans), why)
            for name, wanted in lists.items():
                _write_list(folder / name, wanted, owner)
    except OSError as error:
        # strerror alone: the whole text has the name of a temporary file, new each time.
        why = f"the leaf cannot be written to {folder}: {error.strerror}"
        back = owners.give_back(Path(error.filename or folder))
        raise MintError(f"{why}. {back}" if back else why) from error


@contextlib.contextmanager
def keep(folder: Path) -> Iterator[None]:
    """Inside the `with`, only this process changes the leaf. The kernel frees the lock even
    if the process is killed."""
    with (folder / _KEPT).open("w") as file:
        with contextlib.suppress(OSError):  # another process has it, or NFS without locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def is_kept(folder: Path) -> bool:
    """Whether a running certs process keeps the leaf in this folder."""
    try:
        with (folder / _KEPT).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _stale(
    folder: Path, hosts: Hosts, authority: Authority, since: datetime | None
) -> list[tuple[Path, Sequence[str], str]]:
    """The leaves to issue: path, names, and the reason. Raises OSError."""
    found: list[tuple[Path, Sequence[str], str]] = []
    for path, sans in ((folder / LEAF, hosts.sans()), (folder / LEAF_NAMES, hosts.names)):
        try:
            data = path.read_bytes()
            kind = leaf.foreign(data)
            why = f"what was there is {kind}" if kind else None
            why = why or leaf.stale(data, authority, sans, since=since)
        except FileNotFoundError:
            why = "it was missing"
        if why:
            found.append((path, sans, why))
    return found


def _set_aside_foreign(path: Path) -> None:
    try:
        kind = leaf.foreign(path.read_bytes())
    except FileNotFoundError:
        return
    if kind:
        aside = files.set_aside(path, kind)
        log.warning("%s is %s, not a leaf of this project; kept as %s", path, kind, aside.name)


def listed(folder: Path) -> set[str]:
    """The hosts in a folder of HOSTS or OWN_HOSTS."""
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _write_list(folder: Path, wanted: set[str], owner: files.Owner | None) -> None:
    """Writes one empty file for each host: nginx serves a host while its file exists."""
    if not wanted and not folder.is_dir():
        return
    files.make_folder(folder, 0o700, owner)
    there = listed(folder)
    for name in wanted - there:
        (folder / name).touch(files.PUBLIC)
    for name in there - wanted:
        (folder / name).unlink(missing_ok=True)
