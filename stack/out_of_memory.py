"""Which containers the kernel ended because they took more memory than they may."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

_SERVICE = "com.docker.compose.service"


def services(project: str, env: Mapping[str, str]) -> set[str]:
    """Those of this Compose project. The engine keeps its last 256 events, which health checks
    fill in some minutes; of a container that it has started again it has nothing else."""
    done = subprocess.run(
        [
            *("docker", "events", "--since", "24h", "--until", "0s", "--filter", "event=oom"),
            *("--filter", f"label=com.docker.compose.project={project}"),
            *("--format", "{{json .Actor.Attributes}}"),
        ],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return {json.loads(line)[_SERVICE] for line in done.stdout.splitlines()}


def advice(service: str, limit: int) -> str:
    """limit: APP_MEMORY, in bytes."""
    if service != "app":
        return "it was ended for taking too much memory: make logs"
    return (
        f"it took more memory than APP_MEMORY={limit // 2**20}m and was ended; give it more: "
        f"APP_MEMORY={limit // 2**19}m make up"
    )
