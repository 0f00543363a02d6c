"""One fixture gives every stack test both ways of running."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from stack import docker
from tests.support import hostile
from tests.support.clone import UID, Clone
from tests.support.running import Running, running
from tests.support.steady import Seen, steady

MODES = ("local", "docker")

_KEY = pytest.StashKey[Running]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # A module that speaks of one mode says so: MODES = ("local",).
    if "mode" in metafunc.fixturenames:
        modes = getattr(metafunc.module, "MODES", MODES)
        metafunc.parametrize("mode", modes, scope="session")


@pytest.fixture(scope="session")
def mode_or_skip(mode: str) -> str:
    why = docker.why_unavailable() if mode == "docker" else None
    if why:
        pytest.skip(f"no Docker engine to test with: {why}")
    return mode


@pytest.fixture(scope="session")
def shared(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One stack a mode for all tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp(f"shared-{mode_or_skip}")
    webroot = folder / "webroot"
    webroot.mkdir()
    settings = {
        "ACME_WEBROOT": str(webroot),
        "HOSTS": "api.localhost *.app.localhost",
        "ALLOWED_ORIGINS": "https://friend.example http://localhost:5173 "
        "chrome-extension://abcdefghijklmnop",
        "LOG_LEVEL": "debug",
    }
    with running(mode_or_skip, folder, **settings) as stack:
        yield stack


@pytest.fixture
def stack(shared: Running, request: pytest.FixtureRequest) -> Running:
    """The shared stack."""
    request.node.stash[_KEY] = shared
    return shared


@pytest.fixture(scope="module")
def neighbour(shared: Running) -> Iterator[Seen]:
    """A well-behaved client of the shared stack, beside the hostile ones of a module."""
    with steady(shared, sockets=1, pause=0.05) as seen:
        yield seen
    seen.assert_unnoticed()


@pytest.fixture(scope="module")
def neighbour_of_all(
    shared: Running, neighbour: Seen, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Where a module's cases are too quick to be measured one by one."""
    yield
    module = request.module.__name__.rpartition("_")[2]
    hostile.record(shared, f"all {module} of this table", "nothing", **hostile.latency(neighbour))


@pytest.fixture
def own(mode_or_skip: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A stack of this test's own; the test starts it."""
    stack = Running(mode_or_skip, tmp_path)
    request.node.stash[_KEY] = stack
    yield stack
    stack.remove()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the processes wrote."""
    report = yield
    stack = item.stash.get(_KEY, None)
    if report.failed and call.when == "call" and stack:
        try:
            logs = stack.logs()
        except (AssertionError, OSError) as error:
            logs = f"cannot be had: {error}"
        report.sections.append(("logs of the stack", logs[-20000:]))
    return report


@pytest.fixture
def folder() -> Iterator[Path]:
    """For other users too, who may not enter pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="wss-test-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def clone(folder: Path) -> Iterator[Clone]:
    """A fresh copy, for `docker compose` as it is typed there."""
    why = docker.why_unavailable()
    if why:
        pytest.skip(f"no Docker engine to test with: {why}")
    made = Clone(folder, UID)
    made.env["COMPOSE_PROJECT_NAME"] = f"wss-test-{uuid.uuid4().hex[:12]}"
    yield made
    down = ("docker", "compose", "down", "--volumes", "--rmi", "local")
    done = made.run(*down, as_user=False)
    assert done.returncode == 0, done.stderr
