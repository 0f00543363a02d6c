"""Writes the trust page into the folder that nginx serves."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from pathlib import Path

from certs import files
from certs.authority import Authority
from certs.errors import MintError
from certs.page import render
from certs.settings import Settings

log = logging.getLogger(__name__)

FOLDER = "public"  # beside the leaf

# Cached per root: the watch loop runs every second and should only compare bytes.
_rendered = functools.lru_cache(maxsize=1)(render.files)


def ensure(settings: Settings, authority: Authority) -> None:
    """Writes the page for this authority's root if it is not there. Raises MintError."""
    folder = settings.leaf_dir / FOLDER
    # render gets the root's certificate alone, so no key can get onto the page.
    wanted = _rendered(
        authority.root,
        authority.permitted,
        settings.hosts,
        settings.endpoint,
        is_echo_app=settings.is_echo_app,
    )
    try:
        if not _is_there(folder, wanted):
            _write(folder, wanted, settings.leaf_owner)
            log.info("wrote the trust page for %s", authority.name)
    except OSError as error:
        # strerror alone: the whole text has the name of a temporary file, new each time.
        raise MintError(
            f"the trust page cannot be written to {folder}: {error.strerror}"
        ) from error


def _is_there(folder: Path, wanted: Mapping[str, bytes]) -> bool:
    return all(_content(folder / name) == wanted.get(name) for name in render.NAMES)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(folder: Path, wanted: Mapping[str, bytes], owner: files.Owner | None) -> None:
    for name in render.NAMES:
        files.make_folder((folder / name).parent, 0o755, owner)
        with files.locked_writes((folder / name).parent):
            if name not in wanted:
                files.delete(folder / name)
            elif _content(folder / name) != wanted[name]:
                files.write(folder / name, wanted[name], files.PUBLIC, owner)
