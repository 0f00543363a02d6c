"""ALLOWED_ORIGINS: what a browser sends, and nothing else."""

from __future__ import annotations

import pytest

from certs.errors import SettingError
from certs.origins import parse

SENT = [
    "http://localhost:5173",
    "https://x.example",
    "https://x.example:80",
    "http://x.example:443",
    "http://x.example:8080",
    "http://my_app.x-1.example.:65535",
    "http://127.0.0.1:1",
    "http://[::1]:5173",
    "https://[fd00::1:0:0:1]",
    # Pages of programs: extensions, Tauri, Capacitor, VS Code, Electron.
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0f8fad5b-d9cb-469f-a165-70867728950e",
    "safari-web-extension://0F8FAD5B-D9CB-469F-A165-70867728950E",
    "tauri://localhost",
    "capacitor://localhost",
    "vscode-webview://0a1b2c3d4e5f6g7h",
    "app://.",
    "http+x.y-z://localhost:80",
]
NEVER_SENT = [
    ("http://Localhost:5173", "http://localhost:5173"),
    ("HTTPS://x.example", "https://x.example"),
    ("https://x.example:443", "https://x.example"),
    ("http://x.example:80", "http://x.example"),
    ("https://[::1]:443", "https://[::1]"),
    ("http://[FD00::80]:80", "http://[fd00::80]"),
    ("Chrome-Extension://abc", "chrome-extension://abc"),
    # Where a page connects to is not where it comes from.
    ("ws://localhost:5173", "http://localhost:5173"),
    ("wss://X.example:443", "https://x.example"),
]
OF_MANY = ["null", "NULL", "file://", "file:///home/ada/page.html", "File://host", "file:"]
NONE = [
    "*",
    "localhost:5173",
    "ws://localhost:5173/ws",
    "https://",
    "://x.example",
    "1st://x.example",
    "tauri://",
    "tauri://localhost/",
    "chrome-extension://*",
    "https://x.example/",
    "https://x.example:",
    "https://x.example:0",
    "https://x.example:080",
    "https://x.example:123456",
    "https://me@x.example",
    "https://*.x.example",
    "https://x.example;",
    'https://x"example',
    "https://x'example",
    "https://$host",
    "https://${HOME}",
    "https://$(id)",
    "https://x\\nhttps://y",
    "https://b\u00fccher.example",
    "http://[]",
    "http://[80]",
    "http://[::1",
    "http://::1",
    "http://[::1%25eth0]",
    "http://[::1]]",
    'http://[::1]"',
    "http://[::1]5173",
]


def refusal(value: str) -> str:
    """What the value is refused with; nothing where it is taken."""
    try:
        taken = parse(value)
    except SettingError as error:
        return str(error)
    assert taken == tuple(value.replace(".:", ":").replace(",", " ").split())
    return ""


def test_origin_that_a_browser_sends_is_taken() -> None:
    assert refusal(", ".join(SENT)) == ""


@pytest.mark.parametrize(("written", "sent"), NEVER_SENT)
def test_origin_that_no_browser_sends_is_refused_with_what_one_does(
    written: str, sent: str
) -> None:
    said = refusal(f"http://fine.example {written}")
    assert said == f"ALLOWED_ORIGINS: no browser sends '{written}'; write {sent}"
    assert refusal(sent) == ""


@pytest.mark.parametrize("wrong", NONE)
def test_text_that_is_no_origin_is_refused_with_how_one_looks(wrong: str) -> None:
    said = refusal(f"http://fine.example {wrong}")
    assert said.startswith("ALLOWED_ORIGINS: ")
    assert "is not an origin. Write it as the browser does, scheme://host" in said


@pytest.mark.parametrize("written", OF_MANY)
def test_origin_that_any_page_may_send_is_refused_with_how_to_get_one(written: str) -> None:
    said = refusal(f"http://fine.example {written}")
    assert said.startswith(f"ALLOWED_ORIGINS: '{written}' would let in every local file")
    assert "python3 -m http.server 5173 --bind 127.0.0.1" in said
    assert "ALLOWED_ORIGINS=http://localhost:5173" in said


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("http://localhost.:5173", "http://localhost:5173"),
        ("https://x.example.", "https://x.example"),
        ("https://x.example..", "https://x.example.."),  # no name, so nobody's
        ("app://.", "app://."),
        ("tauri://localhost.", "tauri://localhost."),
    ],
)
def test_dot_at_the_end_of_a_name_is_no_other_origin(written: str, taken: str) -> None:
    assert parse(written) == (taken,)
