"""The limits that docs/your-app.md and nginx's refusals name are those of its configuration."""

from __future__ import annotations

import re

import pytest

from certs import limits
from certs.dotenv import CHECKOUT

SNIPPETS = CHECKOUT / "nginx" / "snippets"
UNITS = {"s": "s", "m": "MiB", "h": "h", "k": "KiB"}


def configured() -> dict[str, str]:
    """Directive -> its values, as a sentence has them: 16 MiB, 60 s and 1 h."""
    text = "".join((SNIPPETS / name).read_text() for name in ("limits.conf", "to_app.conf"))
    names = r"\w+_(?:timeout|body_size|buffer_size)|large_client_header_buffers 4"
    limit = re.compile(rf"^ *({names}) (\d+)([smhk]);", re.MULTILINE)
    return {f"{name} {n}{unit}": f"{n} {UNITS[unit]}" for name, n, unit in limit.findall(text)}


def test_every_limit_is_documented() -> None:
    text = (CHECKOUT / "docs" / "your-app.md").read_text()
    section = text.partition("\n## Limits\n")[2].partition("\n## ")[0]
    limits = re.findall(r"^\|[^|]+\| (\d+ \w+)", section, re.MULTILINE)
    assert len(configured()) >= len(limits) >= 9
    assert set(configured().values()) == set(limits)


def test_defaults_of_the_settings_are_documented() -> None:
    text, unset = (CHECKOUT / "docs" / "your-app.md").read_text(), limits.Limits()
    assert f"`MAX_CONNECTIONS`, {unset.connections};" in text
    assert f"`MAX_CONNECTIONS_PER_ADDRESS`, {unset.per_address} |" in text
    assert f"`HANDSHAKES_PER_SECOND`, {unset.handshakes};" in text


def test_websocket_may_be_silent_for_an_hour_either_way() -> None:
    """nginx's own default is a minute: it cuts a server that sends no pings."""
    assert {"proxy_read_timeout 1h", "proxy_send_timeout 1h"} <= configured().keys()


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        ("client_max_body_size", "larger than {}, "),
        ("proxy_buffer_size", "more than {} of headers, "),
        ("large_client_header_buffers", "is larger than {}, or "),
        ("large_client_header_buffers", "is longer than {}, "),
    ],
)
def test_a_refusal_names_its_limit(directive: str, words: str) -> None:
    (limit,) = (value for name, value in configured().items() if name.startswith(directive))
    names = ("to_app.conf", "unread_answers.conf")
    assert words.format(limit) in "".join((SNIPPETS / name).read_text() for name in names)


def test_an_answer_is_too_large_when_its_buffer_is_full() -> None:
    (limit,) = (value for name, value in configured().items() if "buffer_size" in name)
    size = int(limit.removesuffix(" KiB")) * 1024
    assert f"{size}$" in (SNIPPETS / "refusal_maps.conf").read_text()
