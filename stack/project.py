"""The name that Compose gives to the containers of this checkout."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from certs.dotenv import CHECKOUT


def name(env: Mapping[str, str]) -> str:
    """COMPOSE_PROJECT_NAME, or what Compose derives from the folder's name; of a folder such as
    `проект`, from which it derives none, a name of its own."""
    return env.get("COMPOSE_PROJECT_NAME") or derived(CHECKOUT.name) or _marked()


def needed(env: Mapping[str, str]) -> dict[str, str]:
    """What Compose must be told, where it derives no name itself."""
    if env.get("COMPOSE_PROJECT_NAME") or derived(CHECKOUT.name):
        return {}
    return {"COMPOSE_PROJECT_NAME": _marked()}


def derived(folder: str) -> str:
    """What Compose makes of a folder's name; may be empty."""
    return re.sub(r"[^-_a-z0-9]", "", folder.lower()).lstrip("-_")


def _marked() -> str:
    return f"wss-stack-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"
