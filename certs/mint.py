"""Brings the authority and the leaf to what the settings want.

Each function looks first, acts only where something is missing or stale, and
says what it did, a line each, through `say`.
"""

from __future__ import annotations

import contextlib
import errno
import getpass
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from certs import authority as authorities
from certs import claim, files, leaf, ledger, refusal
from certs.authority import Authority, AuthorityError
from certs.hosts import Hosts, Permitted
from certs.settings import Settings

Say = Callable[[str], None]

AUTHORITY = "authority.pem"
ROOT = "root.pem"
LEAF = "leaf.pem"
# Without addresses, for clients that name a host: see nginx/templates.
LEAF_NAMES = "leaf-names.pem"
HOSTS = "hosts"


class MintError(Exception):
    """Minting failed. The text says why and what to type next."""


def everything(settings: Settings, say: Say, *, keeper: bool = False) -> Authority:
    """The authority, then the leaf. Raises MintError, HostError.

    keeper: this is the certs process, which keeps the leaf. Where one runs, others
        leave it alone: that one has hosts of its own, and the last word.
    """
    authority = ensure_authority(settings, say)
    settings.hosts.check(authority.permitted, settings.permit)
    if not keeper:  # it looks once a second
        note_permit(settings, authority, say)
    if keeper or not claim.held(settings.leaf_dir):
        ensure_leaf(settings, authority, say)
    return authority


def note_permit(settings: Settings, authority: Authority, say: Say) -> None:
    """Says where PERMIT has no effect: it counts when an authority is made."""
    missing = settings.permit.beyond(authority.permitted)
    if missing:
        them = "it" if len(missing) == 1 else "them"
        say(
            f"PERMIT {', '.join(missing)}: the authority that is there may not sign {them}; "
            f"to make a new one: {settings.permit.command()}"
        )


def ensure_authority(settings: Settings, say: Say) -> Authority:
    """The user's authority, made where there is none. Raises MintError."""
    home = settings.ca_home
    with _explained(home):
        _claim(home, settings.ca_owner)
        authority = _load(home)
        if authority and _root_is(authority, home):
            return authority
        files.make_folder(home, 0o755, settings.ca_owner)
        with files.locked(home):
            return _make_authority(settings, say)


def example(settings: Settings, there: Authority | None) -> Authority:
    """One as it would be made now, for a plan. It is kept nowhere."""
    return authorities.mint(_wanted_of(settings, there), _who())


def usable(settings: Settings) -> Authority | None:
    """The authority as it is; changes nothing. Raises MintError."""
    with _explained(settings.ca_home):
        return _load(settings.ca_home)


@contextlib.contextmanager
def _explained(home: Path) -> Iterator[None]:
    """Raises MintError for an OSError."""
    try:
        yield
    except PermissionError as error:
        raise MintError(refusal.not_permitted(home, error)) from error
    except OSError as error:
        raise MintError(
            f"CA_HOME {home} cannot be used: {error}. Mend that, or name another folder: "
            "CA_HOME=/absolute/path make up"
        ) from error


def _claim(home: Path, owner: files.Owner | None) -> None:
    """Gives a folder that Docker's daemon made, as root, to whom it is for."""
    if owner and home.is_dir() and home.stat().st_uid == 0 != owner.uid:
        os.chown(home, owner.uid, owner.gid)


def _load(home: Path) -> Authority | None:
    """The authority if a usable one is there. Raises OSError."""
    try:
        return authorities.load((home / AUTHORITY).read_bytes(), datetime.now(UTC))
    except (FileNotFoundError, AuthorityError):
        return None


def _make_authority(settings: Settings, say: Say) -> Authority:
    home, owner = settings.ca_home, settings.ca_owner
    path = home / AUTHORITY
    try:
        authority = authorities.load(path.read_bytes(), datetime.now(UTC))
    except FileNotFoundError:
        authority = None
    except AuthorityError as error:
        authority = None
        aside = files.set_aside(path, error.kind)
        say(
            f"{path} is {error.kind}: {error}. Kept as {aside.name}; a new authority takes its "
            "place, and what trusted the old root must trust the new one: make certs"
        )
    if authority is None:
        minted = authorities.mint(settings.permit, _who())
        if files.create(path, minted.dump(), files.SECRET, owner):
            say(f"made the authority {minted.name}, which signs {minted.permitted}")
        # Read back: where another made one in the meantime, that one counts.
        authority = authorities.load(path.read_bytes(), datetime.now(UTC))
    if not _root_is(authority, home):
        files.write(home / ROOT, authority.root_pem(), files.PUBLIC, owner)
    return authority


def _root_is(authority: Authority, home: Path) -> bool:
    """Whether root.pem is there, and is this authority's."""
    root = home / ROOT
    return root.exists() and root.read_bytes() == authority.root_pem()


def replace_authority(settings: Settings, say: Say) -> Authority:
    """A new authority for what settings.permit says, in the place of the one there.

    It loses nothing that the old one may sign: another checkout may need that, and
    would else replace it in turn. The old one's key is gone then; its root is to be
    taken out of the stores. Raises MintError.
    """
    path = settings.ca_home / AUTHORITY
    try:
        with files.locked(settings.ca_home):
            # Read here: another run may have made a wider one meanwhile.
            minted = authorities.mint(_wanted_of(settings, _load(settings.ca_home)), _who())
            files.write(path, minted.dump(), files.SECRET, settings.ca_owner)
            files.write(settings.ca_home / ROOT, minted.root_pem(), files.PUBLIC, settings.ca_owner)
    except OSError as error:
        raise MintError(f"{path} cannot be replaced: {error}") from error
    say(f"made the authority {minted.name}, which signs {minted.permitted}")
    return minted


def _wanted_of(settings: Settings, there: Authority | None) -> Permitted:
    """What a new authority may sign, in the place of the one that is there."""
    return there.permitted.joined(settings.permit) if there else settings.permit


def ensure_leaf(settings: Settings, authority: Authority, say: Say) -> None:
    """The leaf, its names-only twin and the hosts, beside each other.

    Raises MintError.
    """
    folder, owner, hosts = settings.leaf_dir, settings.leaf_owner, settings.hosts
    try:
        since = ledger.changed(settings.ca_home)
        if not _stale(folder, hosts, authority, since) and _hosts_in(folder) == _wanted(hosts):
            return
        if not folder.parent.is_dir():
            # A checkout that was moved or deleted must not come back with a key in it.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder.parent))
        files.make_folder(folder, 0o700, owner)
        if owner:
            # A named volume starts as root's.
            folder.chmod(0o700)
            os.chown(folder, owner.uid, owner.gid)
        with files.locked(folder):
            for path, sans, why in _stale(folder, hosts, authority, since):
                _set_aside_foreign(path, say)
                files.write(path, leaf.issue(authority, sans), files.SECRET, owner)
                say(f"issued {path.name} for {', '.join(sans)}: {why}")
            _write_hosts(folder, hosts, owner)
    except OSError as error:
        # Not the whole error: it names a temporary file, another one each time.
        raise MintError(f"the leaf cannot be written to {folder}: {error.strerror}") from error


def _stale(
    folder: Path, hosts: Hosts, authority: Authority, since: datetime | None
) -> list[tuple[Path, Sequence[str], str]]:
    """What is to be issued: path, names, and why. Raises OSError."""
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


def _set_aside_foreign(path: Path, say: Say) -> None:
    try:
        kind = leaf.foreign(path.read_bytes())
    except FileNotFoundError:
        return
    if kind:
        say(f"{path} is {kind}, not a leaf of ours; kept as {files.set_aside(path, kind).name}")


def _wanted(hosts: Hosts) -> set[str]:
    return set(hosts.authorities())


def _hosts_in(leaf_dir: Path) -> set[str]:
    folder = leaf_dir / HOSTS
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _write_hosts(leaf_dir: Path, hosts: Hosts, owner: files.Owner | None) -> None:
    """One empty file a host: nginx serves a host while its file is there."""
    folder = leaf_dir / HOSTS
    files.make_folder(folder, 0o700, owner)
    for name in _wanted(hosts) - _hosts_in(leaf_dir):
        (folder / name).touch(files.PUBLIC)
    for name in _hosts_in(leaf_dir) - _wanted(hosts):
        (folder / name).unlink(missing_ok=True)


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user in the container, and no USER
        user = "user"
    return f"{user}@{socket.gethostname()}"
