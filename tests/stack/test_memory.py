"""An app that takes more memory than APP_MEMORY."""

from __future__ import annotations

import contextlib
import http.client
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.asking import ask
from tests.support.projects import write
from tests.support.running import Running
from tests.support.waiting import until


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return write(tmp_path / "greedy", {"greedy.py": programs.source("apps/greedy.py")})


@pytest.mark.parametrize("reload", ["0", "1"])
def test_app_over_its_memory_ends_alone_and_what_to_set_is_said(
    own: Running, project: Path, reload: str
) -> None:
    own.up(APP="greedy:app", APP_DIR=str(project), APP_MEMORY="256m", RELOAD=reload)
    with own.connect("/talk") as client:
        client.send("before")
        assert client.recv(timeout=10) == "before"
        if own.mode == "local":  # a request of it fails, and nobody else notices
            assert ask(own, "/take")[0].status == 500
            client.send("after")
            assert client.recv(timeout=10) == "after"
            own.wait_for_log("MemoryError")
            return
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert ask(own, "/take")[0].status == 502
    told = "it took more memory than APP_MEMORY=256m and was ended; give it more: APP_MEMORY=512m"
    until(lambda: told in own.cli("status").stdout, "status to say so")
    until(lambda: ask(own, "/hello")[1] == "here", "the app to be back")
    if reload == "1":
        own.wait_for_log("greedy:app was killed, perhaps because it took more memory than")
