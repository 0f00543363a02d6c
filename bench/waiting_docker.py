"""What a user waits for in Docker."""

from __future__ import annotations

import logging
import ssl

from bench.budget import Budget
from bench.docker import Containers
from bench.ours import Home
from bench.saved import FIRST, answer_of, write_app
from bench.waiting import Waits

log = logging.getLogger(__name__)

UP = "`docker compose up`, images built"
UP_AGAIN = "`docker compose up`, nothing to do"
SAVED = "a saved file to its first answer, in Docker"


def on_compose(
    containers: Containers,
    home: Home,
    trusted: ssl.SSLContext,
    rounds: int,
    waits: Waits,
    budget: Budget,
) -> None:
    """Raises MissingError, OverBudgetError."""
    log.info("docker compose up")
    app = write_app(home.folder / "saved-docker", FIRST)
    env = {"APP": "main:app", "APP_DIR": str(app.parent)}
    port = int(containers.url.rpartition(":")[2])
    containers.down()
    try:
        for _ in range(rounds):
            budget.check("more rounds of docker compose up")
            waits.take(UP, lambda: containers.compose("up", "--detach", "--wait"))
            waits.take(UP_AGAIN, lambda: containers.compose("up", "--detach", "--wait"))
            containers.compose("down")
        containers.compose("up", "--detach", "--wait", env=env)
        answer_of(port, trusted, FIRST)
        for number in range(rounds):
            budget.check("more saved files in Docker")
            text = f"saved {number}"

            def save(text: str = text) -> None:
                write_app(home.folder / "saved-docker", text)
                answer_of(port, trusted, text)

            waits.take(SAVED, save)
    finally:
        containers.compose("down", "--volumes")
