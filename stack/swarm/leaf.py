"""What nginx needs of the certs process, as one secret.

In Compose the certs process writes it into a volume. On a Swarm the machine that deploys runs the
same code, and its folder goes over as one archive: certificate and key, hosts, trust page, nginx's
values. A secret cannot change, so each has a name of its own, with a digest of what is in it: the
same content is the same secret.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

from cryptography import x509

from certs import files, leaf_dir, mint, nginx_values
from certs.page import publish
from stack.swarm.engine import Engine
from stack.swarm.settings import Settings

_ARCHIVED = (leaf_dir.LEAF, leaf_dir.LEAF_NAMES, leaf_dir.HOSTS, publish.FOLDER, nginx_values.FILE)
_STACK = "wss-stack.of"
_EXPIRES = "wss-stack.expires"


def make(settings: Settings, *, renew: bool = False) -> None:
    """Makes the folder current. renew: with a new leaf, even if the one there is good.
    Raises MintError, HostError, SettingError."""
    files.make_folder(settings.certs.leaf_dir, 0o700)
    if renew:
        for name in (leaf_dir.LEAF, leaf_dir.LEAF_NAMES):
            (settings.certs.leaf_dir / name).unlink(missing_ok=True)
    authority = mint.ensure(settings.certs)
    publish.ensure(settings.certs, authority)
    nginx_values.write(settings.raw, settings.certs)


def archive(folder: Path) -> bytes:
    """The same bytes for the same content: no times, no owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for top in _ARCHIVED:
            for path in sorted([folder / top, *(folder / top).rglob("*")]):
                entry = tar.gettarinfo(path, str(path.relative_to(folder)))
                entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
                if entry.isfile():
                    with path.open("rb") as file:
                        tar.addfile(entry, file)
                else:
                    tar.addfile(entry)
    return gzip.compress(packed.getvalue(), mtime=0)


def hand_over(settings: Settings, engine: Engine) -> str:
    """The name of the secret with what is in the folder now; made if the Swarm has none."""
    folder = settings.certs.leaf_dir
    data = archive(folder)
    name = f"{settings.name}_leaf_{hashlib.sha256(data).hexdigest()[:12]}"
    if name not in names(settings, engine):
        end = x509.load_pem_x509_certificate((folder / leaf_dir.LEAF).read_bytes())
        labels = {_STACK: settings.name, _EXPIRES: end.not_valid_after_utc.date().isoformat()}
        flags = [flag for pair in labels.items() for flag in ("--label", "=".join(pair))]
        engine.output("secret", "create", *flags, name, "-", given=data)
    return name


def names(settings: Settings, engine: Engine) -> list[str]:
    """The secrets of this stack, the newest first."""
    flags = ("--filter", f"label={_STACK}={settings.name}")
    rows = engine.rows("secret", "ls", *flags)
    made = {
        row["Name"]: engine.output("secret", "inspect", "--format", "{{.CreatedAt}}", row["Name"])
        for row in rows
    }
    return sorted(made, key=lambda name: made[name], reverse=True)


def expiry(secret: str, engine: Engine) -> str:
    """The day on which the leaf in this secret ends, as 2027-02-24."""
    path = f'{{{{index .Spec.Labels "{_EXPIRES}"}}}}'
    return engine.output("secret", "inspect", "--format", path, secret).strip()


def remove(settings: Settings, engine: Engine, kept: tuple[str, ...]) -> None:
    """Removes older secrets. kept: those that a service has, now or after its rollback."""
    for name in names(settings, engine):
        if name not in kept:
            engine.output("secret", "rm", name)
