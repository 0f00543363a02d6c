"""What is seen when the certs process cannot do its work, in both modes."""

from __future__ import annotations

import json
import os
import signal
import ssl
from datetime import UTC, datetime

import pytest

from certs import ca_home
from tests.support.faults import case, read_only, send
from tests.support.running import Running
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, and stop certs")


def test_folder_that_is_read_only_is_said_and_the_leaf_stays_served(stack: Running) -> None:
    folder = "/leaf" if stack.mode == "docker" else str(stack.folder / "leaf")
    before = stack.serial()
    with case(
        stack, "certs' folder read-only", "nothing; certs says so, and goes on when it can"
    ) as seen:
        with read_only(stack, "certs", folder):
            ask_for_another_leaf(stack)
            stack.wait_for_log("Read-only file system")
            assert stack.serial() == before
        until(lambda: stack.serial() != before, "another leaf")
        stack.root.with_name(ca_home.LEDGER).unlink()
    stack.wait_for_log("fixed: the leaf is current again")
    seen.assert_unnoticed()


def test_leaf_past_its_end_cuts_nobody_and_is_replaced(stack: Running) -> None:
    """As after months of sleep: the clock is past its end before certs has looked."""
    with case(
        stack,
        "clock past the leaf's end",
        "open connections stay; new ones refuse the leaf until certs has issued another",
    ) as seen:
        send(stack, "certs", signal.SIGSTOP)
        try:
            stack.in_certs("reissue_leaf", "91", "1")
            assert "expired" in until(lambda: refusal(stack), "the leaf that has expired")
        finally:
            send(stack, "certs", signal.SIGCONT)
        until(lambda: not refusal(stack), "another leaf")
    assert seen.codes == []
    seen.assert_back()


def refusal(stack: Running) -> str:
    """Why a client refuses what is served; empty if it does not."""
    try:
        stack.serial()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


def ask_for_another_leaf(stack: Running) -> None:
    """As make certs does: a leaf from before the last change of trust is issued again."""
    path = stack.root.with_name(ca_home.LEDGER)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    path.write_text(json.dumps({"version": 1, "changed": now, "entries": []}))
