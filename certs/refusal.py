"""What to say of a CA_HOME that may not be read or written."""

from __future__ import annotations

import os
from pathlib import Path


def not_permitted(home: Path, error: PermissionError) -> str:
    path = Path(error.filename or home)
    existing = next(p for p in (path, *path.parents) if os.access(p, os.F_OK))
    status = existing.stat()
    text = f"CA_HOME {home}: {error.strerror}: {path}"
    # Only what is surely the user's own is to be given back to them.
    theirs = home in (existing, *existing.parents) or Path.home() in existing.parents
    if not theirs:
        return f"{text}. Choose a folder of your own: CA_HOME=/absolute/path make up"
    if status.st_uid != os.geteuid():
        return (
            f"{text}. {existing} belongs to user {status.st_uid}, not to you; give it back: "
            f'sudo chown -R "$(id -u):$(id -g)" {existing}'
        )
    return f"{text}. Make it readable and writable: chmod u+rwX {existing}"
