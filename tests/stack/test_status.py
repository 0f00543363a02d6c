"""The exit status of `status`: starting, ok and broken are apart."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stack.cli import STARTING
from tests.support import programs
from tests.support.projects import write
from tests.support.running import Running
from tests.support.waiting import until


def test_app_that_has_only_begun_is_starting_and_no_failure(own: Running, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    project = write(tmp_path / "slow", {"slow.py": programs.source("apps/waiting.py")})
    own.configure(APP="slow:app", APP_DIR=str(project), RELOAD="0")
    assert own.cli("status").returncode == 1  # nothing runs
    with ThreadPoolExecutor() as pool:
        started = pool.submit(own.stack.up)
        try:
            until(lambda: begun(own) == {"app"}, "only the app to be on its way", seconds=60)
        finally:
            (project / "go").touch()
        assert started.result()
    assert own.cli("status").returncode == 0


def begun(stack: Running) -> set[str]:
    done = stack.cli("status", "--json")
    services = json.loads(done.stdout)["services"] if done.returncode == STARTING else []
    return {service["name"] for service in services if service["starting"]}
