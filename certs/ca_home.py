"""CA_HOME: the user's authority, its root for clients, and the time when trust last changed.

Each function looks first, and acts only if something is missing or damaged. The log gets a
line for each change.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import json
import logging
import os
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from certs import authority as authorities
from certs import files, lan, owners
from certs.authority import Authority, AuthorityError
from certs.errors import ClockError, MintError
from certs.hosts import Hosts
from certs.permitted import Permitted
from certs.settings import ROOT as ROOT
from certs.settings import Settings

log = logging.getLogger(__name__)

AUTHORITY = "authority.pem"
LEDGER = "ledger.json"  # trust.stores.ledger writes it


def read_authority(home: Path, now: datetime | None = None) -> Authority:
    """The authority that is there. Raises AuthorityError, ClockError, OSError."""
    path, now = home / AUTHORITY, now or datetime.now(UTC)
    authority = authorities.load(path.read_bytes(), now)
    if now < authority.begins:
        quoted = shlex.quote(str(path))
        raise ClockError(
            f"{path} is valid from {authority.begins:%Y-%m-%d %H:%M} UTC on, and this machine's "
            f"clock says {now:%Y-%m-%d %H:%M}. If the clock is wrong now, set it: sudo "
            "timedatectl set-ntp true. If it was wrong when that authority was made, replace "
            f"that authority: mv {quoted} {quoted}.early && make certs"
        )
    return authority


def check_clock(home: Path) -> None:
    """Raises ClockError. Other functions report the other faults of an authority."""
    with contextlib.suppress(AuthorityError, OSError):
        read_authority(home)


def ensure_authority(settings: Settings) -> Authority:
    """The user's authority, made where there is none. Raises MintError."""
    home = settings.ca_home
    with _explained(home):
        _claim(home, settings.ca_owner)
        authority = _load(home)
        if authority and _root_is(authority, home):
            return authority
        files.make_folder(home, 0o755, settings.ca_owner)
        with files.locked_writes(home):
            return _make_authority(settings)


def example(settings: Settings, there: Authority | None) -> Authority:
    """An authority like the next one, for a plan; no file keeps it."""
    return authorities.mint(_wanted_of(settings, there), _who())


def usable(settings: Settings) -> Authority | None:
    """The authority, None if there is no usable one; changes nothing. Raises MintError."""
    with _explained(settings.ca_home):
        return _load(settings.ca_home)


def minted_hosts(settings: Settings) -> Hosts:
    """The hosts of the minted leaf; all of the settings' where there is no usable authority."""
    if settings.own is None:
        return settings.hosts
    with contextlib.suppress(MintError):
        if authority := usable(settings):
            return settings.minted_hosts(authority.permitted)
    return settings.hosts


def replace_authority(settings: Settings) -> Authority:
    """Replaces the authority by a new one that may sign settings.permit too.

    The new one may sign all that the old one may, because another checkout may need that
    and would replace the authority again. The old key is lost; the caller removes the old
    root from the stores. Raises MintError.
    """
    path = settings.ca_home / AUTHORITY
    try:
        with files.locked_writes(settings.ca_home):
            # Read under the lock: another run may have just made a wider authority.
            minted = authorities.mint(_wanted_of(settings, _load(settings.ca_home)), _who())
            files.write(path, minted.dump(), files.SECRET, settings.ca_owner)
            files.write(settings.ca_home / ROOT, minted.root_pem(), files.PUBLIC, settings.ca_owner)
    except OSError as error:
        raise MintError(f"{path} cannot be replaced: {error}") from error
    _made(minted)
    return minted


def _made(minted: Authority) -> None:
    log.info("made the authority %s, which signs %s", minted.name, minted.permitted)


def read_ledger(home: Path) -> dict[str, object]:
    """The ledger's JSON object. Raises OSError, and ValueError for any other content."""
    try:
        data = json.loads((home / LEDGER).read_text())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    return data


def changed(home: Path) -> datetime | None:
    """The time when trust in a root of this project last changed on this machine; None if it
    never did, or if the ledger has no usable date. The certs process asks every second."""
    try:
        when = datetime.fromisoformat(str(read_ledger(home).get("changed")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _warn_of_ledger(home, f"cannot be read ({error})")
        return None
    if when.tzinfo is None:
        _warn_of_ledger(home, f'says "changed": "{when.isoformat()}", without a time zone')
    elif when > datetime.now(UTC):
        _warn_of_ledger(home, f'says "changed": "{when.isoformat()}", which is in the future')
    else:
        return when
    return None


@functools.cache
def _warn_of_ledger(home: Path, why: str) -> None:
    """Cached, so that a process logs each text once."""
    log.warning(
        "%s %s: so the time when trust changed is not known, and the leaf stays as it is. make "
        "certs or make untrust writes that time again when it next changes a store",
        home / LEDGER,
        why,
    )


@contextlib.contextmanager
def _explained(home: Path) -> Iterator[None]:
    """Raises MintError for an OSError."""
    try:
        yield
    except PermissionError as error:
        raise MintError(_not_permitted(home, error)) from error
    except OSError as error:
        raise MintError(
            f"CA_HOME {home} cannot be used: {error}. Fix that, or name another folder: "
            "CA_HOME=/absolute/path make up"
        ) from error


def _claim(home: Path, owner: files.Owner | None) -> None:
    """Gives the owner a folder that Docker's daemon made as root."""
    if owner and home.is_dir() and home.stat().st_uid == 0 != owner.uid:
        os.chown(home, owner.uid, owner.gid)


def _load(home: Path) -> Authority | None:
    """The authority; None if there is no usable one. Raises OSError."""
    try:
        return read_authority(home)
    except (FileNotFoundError, AuthorityError):
        return None


def _make_authority(settings: Settings) -> Authority:
    home, owner = settings.ca_home, settings.ca_owner
    path = home / AUTHORITY
    try:
        authority = read_authority(home)
    except FileNotFoundError:
        authority = None
    except AuthorityError as error:
        authority = None
        aside = files.set_aside(path, error.kind)
        log.warning(
            "%s is %s: %s. It is kept as %s, and a new authority replaces it. For clients to "
            "trust the new root: make certs",
            path,
            error.kind,
            error,
            aside.name,
        )
    if authority is None:
        minted = authorities.mint(settings.permit, _who())
        if files.create(path, minted.dump(), files.SECRET, owner):
            _made(minted)
        # Read back: another process may have been first, and then its authority counts.
        authority = read_authority(home)
    if not _root_is(authority, home):
        files.write(home / ROOT, authority.root_pem(), files.PUBLIC, owner)
    return authority


def _root_is(authority: Authority, home: Path) -> bool:
    """Whether root.pem holds this authority's root."""
    root = home / ROOT
    return root.exists() and root.read_bytes() == authority.root_pem()


def _wanted_of(settings: Settings, there: Authority | None) -> Permitted:
    """The names and networks that the next authority may sign."""
    return there.permitted.union(settings.permit) if there else settings.permit


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user in the container, and no USER
        user = "user"
    return f"{user}@{lan.machine()}"


def _not_permitted(home: Path, error: PermissionError) -> str:
    """The message for a CA_HOME that this user may not read or write."""
    path = Path(error.filename or home)
    existing = next(p for p in (path, *path.parents) if os.access(p, os.F_OK))
    status = existing.stat()
    text = f"CA_HOME {home}: {error.strerror}: {path}"
    # chown and chmod are advised only for a folder that is surely the user's own.
    theirs = home in (existing, *existing.parents) or Path.home() in existing.parents
    if not theirs:
        return f"{text}. Choose a folder of your own: CA_HOME=/absolute/path make up"
    if status.st_uid != os.geteuid():
        # All at once: what lies beside it is theirs too.
        existing = owners.topmost(existing) or existing
        return (
            f"{text}. {existing} belongs to user {status.st_uid}, not to you; give it back: "
            f'sudo chown -R "$(id -u):$(id -g)" {existing}'
        )
    return f"{text}. Make it readable and writable: chmod u+rwX {existing}"
