"""The state of authority and leaf, with hosts and days left; for people and programs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from certs import authority as authorities
from certs import ca_home, leaf, leaf_dir, own_leaf
from certs.errors import ClockError
from certs.settings import Settings


@dataclass
class Own:
    """The certificate of CERT: the one that nginx serves."""

    file: str
    problem: str = ""  # why that is not, or not yet, the one in the file
    names: list[str] = field(default_factory=list)
    days_left: int | None = None
    sha256: str | None = None


@dataclass
class Status:
    """The state of authority and leaf. `problems` is empty if all is ok."""

    root_file: str
    root_name: str | None = None
    root_sha256: str | None = None
    authority_days_left: int | None = None
    permitted: list[str] = field(default_factory=list)
    leaf_file: str = ""
    leaf_days_left: int | None = None
    hosts: list[str] = field(default_factory=list)
    own: Own | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def look(settings: Settings, now: datetime | None = None) -> Status:
    """Reads and changes nothing."""
    now = now or datetime.now(UTC)
    status = Status(
        root_file=str(settings.ca_home / ca_home.ROOT),
        leaf_file=str(settings.leaf_dir / leaf_dir.LEAF),
    )
    path = settings.ca_home / ca_home.AUTHORITY
    authority = None
    try:
        authority = ca_home.read_authority(settings.ca_home, now)
    except FileNotFoundError:
        status.problems.append(f"no authority in {settings.ca_home}; make one: make certs")
    except ClockError as error:
        status.problems.append(str(error))
    except (OSError, authorities.AuthorityError) as error:
        status.problems.append(f"{path}: {error}; to replace it: make certs")
    if authority:
        status.root_name = authority.name
        status.root_sha256 = authority.fingerprint
        status.authority_days_left = (authority.expires - now).days
        status.permitted = [*authority.permitted.names, *map(str, authority.permitted.networks)]
        if authority.expires - now < authorities.WARN_BEFORE:
            status.warnings.append(
                f"the authority expires on {authority.expires:%Y-%m-%d}; then a new one "
                "replaces it, which clients trust after: make certs"
            )
    try:
        data = (settings.leaf_dir / leaf_dir.LEAF).read_bytes()
        found = leaf.certificate(data)
        status.leaf_days_left = (found.not_valid_after_utc - now).days
        status.hosts = sorted(leaf.sans_of(found))
        hosts = settings.minted_hosts(authority.permitted) if authority else settings.hosts
        stale = leaf.stale(data, authority, hosts.sans(), now) if authority else None
        if stale:
            status.problems.append(f"the leaf is out of date: {stale}; issue it again: make certs")
    except FileNotFoundError:
        status.problems.append(f"no leaf in {settings.leaf_dir}; make one: make certs")
    except (OSError, *authorities.UNREADABLE) as error:
        status.problems.append(f"{status.leaf_file}: {error}; to replace it: make certs")
    if settings.own:
        _look_at_own(settings, status, now)
    return status


def _look_at_own(settings: Settings, status: Status, now: datetime) -> None:
    own, wrong = own_leaf.look(settings)
    status.own = Own(str(settings.own), str(wrong or ""))
    if wrong:
        status.problems.append(f"{wrong}{'; until then the old one stays' if own else ''}")
    if own:
        status.own.names = list(own.names)
        status.own.days_left = own.days_left(now)
        status.own.sha256 = own.sha256
        status.warnings += own.warnings(status.own.file, now)


def as_json(status: Status) -> str:
    return json.dumps(asdict(status), indent=2)


def as_text(status: Status) -> str:
    rows = [("root", status.root_name or "none"), ("", status.root_file)]
    if status.root_sha256:
        rows += [
            ("SHA-256", status.root_sha256),
            ("days left", str(status.authority_days_left)),
            ("may sign", ", ".join(status.permitted)),
        ]
    rows.append(("leaf", status.leaf_file))
    if status.leaf_days_left is not None:
        rows += [("days left", str(status.leaf_days_left)), ("hosts", ", ".join(status.hosts))]
    if status.own:
        rows.append(("CERT", status.own.file))
    if status.own and status.own.days_left is not None:
        days, names = str(status.own.days_left), ", ".join(status.own.names)
        rows += [("days left", days), ("hosts", names)]
    rows += [("problem", text) for text in status.problems]
    rows += [("warning", text) for text in status.warnings]
    return "\n".join(f"{label:<11}{value}" for label, value in rows)
