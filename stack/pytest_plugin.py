"""Fixtures for your own tests against the running stack.

    stack_url    the stack's URL: https://localhost:8443
    ssl_context  trusts the stack's root alone

In your conftest.py: `pytest_plugins = ["stack.pytest_plugin"]`, with this checkout on
`pythonpath`. The plugin runs in your venv, so it needs only pytest and the standard library;
the checkout's own Python finds out whether the stack runs, and where.
"""

from __future__ import annotations

import json
import ssl
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
_TIMEOUT = 60.0  # seconds; an engine that hangs takes half of it


@pytest.fixture(scope="session")
def stack_url(_stack_status: dict[str, Any]) -> str:
    """The stack's URL, without a slash at the end: https://localhost:8443."""
    return str(_stack_status["url"])


@pytest.fixture(scope="session")
def ssl_context(_stack_status: dict[str, Any]) -> ssl.SSLContext:
    """Verifies against the stack's root and nothing else, strictly (as Python 3.13 does)."""
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    strict.minimum_version = ssl.TLSVersion.TLSv1_2
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    strict.load_verify_locations(_stack_status["root"])
    return strict


@pytest.fixture(scope="session")
def _stack_status() -> dict[str, Any]:
    """The output of `python -m stack status --json`, once a session.

    Each test that needs the stack fails if it does not run.
    """
    python = CHECKOUT / ".venv" / "bin" / "python"
    # -E: your PYTHONPATH is for your tests, not for the stack.
    command = [str(python), "-E", "-m", "stack", "status", "--json"]
    if not python.exists():
        _fail("the stack was never started; start it: make up")
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
        status: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        _fail(f"`{' '.join(command)}` did not answer within {_TIMEOUT:.0f} seconds")
    except ValueError:
        _fail(f"`{' '.join(command)}` exited {done.returncode}: {done.stderr.strip()}")
    if not status["services"]:
        _fail("the stack does not run; start it: make up")
    if not status["ok"]:
        ill = [f"{s['name']}: {s['state']}" for s in status["services"] if not s["ok"]]
        _fail(f"the stack is not ok: {'; '.join(ill)}; fix: make up, or see: make logs")
    return status


def _fail(why: str) -> NoReturn:
    # Not a skip: tests that did not run would look like tests that passed.
    pytest.fail(f"{why} (in {CHECKOUT})", pytrace=False)
