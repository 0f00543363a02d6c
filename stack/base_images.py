"""Keeps Docker's base images current.

The Dockerfile's tags follow patch releases, but Docker never asks a registry for a tag
that it has: an image stays as old as its last pull.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

from certs.dotenv import CHECKOUT
from stack.base import StackError

log = logging.getLogger(__name__)

WEEK = 7 * 24 * 3600.0  # seconds
_ARGUMENT = re.compile(r"^ARG (\w+_IMAGE)=(\S+)$", re.MULTILINE)


def names() -> dict[str, str]:
    """The base images by the name of their ARG in the Dockerfile."""
    return dict(_ARGUMENT.findall((CHECKOUT / "Dockerfile").read_text()))


def stand_in(image: str) -> str:
    """The label of an image that .ci/offline-images made; empty for a registry's image."""
    label = '{{index .Config.Labels "stand-in"}}'
    done = _docker("image", "inspect", "--format", label, image, quiet=True)
    return done.stdout.strip()


def refresh(state_dir: Path, *, forced: bool) -> None:
    """Pulls the base images if they are a week old in this checkout, or if forced.

    state_dir: keeps the time of the last pull. Only a forced pull replaces a stand-in, which
    is there because no registry was. A registry that does not answer is an error (StackError)
    only for a forced pull; otherwise the old images are used.
    """
    stamp = state_dir / "base-images-pulled"
    if not forced and stamp.exists() and time.time() - stamp.stat().st_mtime < WEEK:
        return
    wanted = [image for image in names().values() if forced or not stand_in(image)]
    for image in wanted:
        log.info("pulling %s", image)
        if _docker("pull", image).returncode == 0:
            continue
        if forced:
            raise StackError(
                f"{image} could not be pulled, see above. To start with what is here: make up"
            )
        log.warning("%s could not be pulled, see above; going on with what is here", image)
        return
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp.touch()


def _docker(*arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    out, err = (subprocess.PIPE, subprocess.DEVNULL) if quiet else (sys.stderr, None)
    return subprocess.run(["docker", *arguments], stdout=out, stderr=err, text=True, check=False)
