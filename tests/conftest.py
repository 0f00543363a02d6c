"""What holds for every test: a home of its own, a lane, and no skip in CI."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from certs import all_settings
from stack import recorded
from tests.support import without_netlink

# Started in the background of a shell, it would ignore SIGINT, and so would
# everything that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

IN_CI = os.environ.get("CI") == "true"

# What a machine may export to change which roots its programs trust, and what
# would change the stack under test.
_SCRUBBED = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("NODE_EXTRA_CA_CERTS", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
    *all_settings.NAMES,
    *("COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "MAKEFLAGS", "MAKELEVEL"),
)


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Nothing here touches the home folder or the settings of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _SCRUBBED:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        # A stack that runs in this checkout is not what is tested.
        nowhere = tmp_path_factory.mktemp("no-stack")
        patch.setattr(recorded, "state_dir", lambda env: Path(env.get("STATE_DIR", nowhere)))
        # Containers of other lanes come and go, and it would drop what is under way.
        chromium = shutil.which("chromium")
        if chromium and without_netlink.possible():
            programs = tmp_path_factory.mktemp("bin")
            without_netlink.wrap(chromium, programs / "chromium")
            patch.setenv("PATH", str(programs), prepend=os.pathsep)
        yield


# Fixtures that skip where this machine lacks a program, a library or root.
_OF_THE_MACHINE = {"inside", "possible", "real"}


@pytest.hookimpl(tryfirst=True)  # before pytest selects by -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that may be skipped is no part of `make check`, which runs with CI=true too."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("skipif") or not _OF_THE_MACHINE.isdisjoint(fixtures):
            item.add_marker("programs")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """`make test` runs several processes; what is in one lane stays in one, and in order."""
    return _Lanes(config, log)


class _Lanes(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """A lane each for what shares a stack, or the machine under test."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        folder = Path(file).parent.name
        if folder == "stack":
            return "stacks without Docker" if "[local" in test else "stacks in Docker"
        if folder in ("browser", "machine", "swarm"):
            return folder
        return file  # which shares what its fixtures make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: .ci/run installs what is missing."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What this machine lacks, once a reason: a line a test would be hundreds."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(
        r.longrepr[2].removeprefix("Skipped: ") for r in reports if isinstance(r.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("skipped, for each reason")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:4} {reason}")


@pytest.fixture
def checkout() -> Path:
    return Path(__file__).parent.parent
