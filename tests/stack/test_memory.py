"""An app that takes more memory than APP_MEMORY."""

from __future__ import annotations

import contextlib
import http.client
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.asking import ask
from tests.support.faults import case
from tests.support.projects import write
from tests.support.running import Running
from tests.support.steady import CUT
from tests.support.waiting import until

RESTARTED = 1012
TOLD = "it took more memory than APP_MEMORY=256m and was ended; give it more: APP_MEMORY=512m"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return write(tmp_path / "greedy", {"greedy.py": programs.source("apps/greedy.py")})


@pytest.mark.parametrize("reload", ["0", "1"])
def test_app_over_its_memory_ends_alone_and_what_to_set_is_said(
    own: Running, project: Path, reload: str
) -> None:
    own.up(APP="greedy:app", APP_DIR=str(project), APP_MEMORY="256m", RELOAD=reload)
    name = f"app out of memory{', which reloads' if reload == '1' else ''}"
    if own.mode == "local":  # a request of it fails, and nobody else notices
        with case(own, name, "nothing; what takes too much gets 500") as seen:
            assert ask(own, "/take")[0].status == 500
            own.wait_for_log("MemoryError")
        seen.assert_unnoticed()
        return
    with case(own, name, "open connections end; the app is started again") as seen:
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert ask(own, "/take")[0].status == 502
        until(lambda: TOLD in own.cli("status").stdout, "status to say so")
    assert set(seen.codes) <= {CUT, RESTARTED}
    assert seen.codes
    seen.assert_back()
    if reload == "1":
        own.wait_for_log("greedy:app was killed, perhaps because it took more memory than")
