"""Projects of a user, in folders that every user of the machine may read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support import programs

# As APP_DIR, for the apps of tests/support/apps.py.
SUPPORT = str(Path(__file__).resolve().parent)


def main(text: str, imports: str = "") -> str:
    """The source of an app whose /hello answers with this expression."""
    source = programs.source("apps/talking.py").replace('"one"', text)
    return f"{imports}\n{source}"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes these files, whatever the umask: in a container another user reads them."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    return folder
