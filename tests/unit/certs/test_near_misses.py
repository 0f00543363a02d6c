"""A setting that was meant and not set is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs import near_misses


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("HTTPSPORT", "HTTPS_PORT"),
        ("https_port", "HTTPS_PORT"),
        ("HTTP_PROT", "HTTP_PORT"),
        ("UPSTREAMS", "UPSTREAM"),
        ("ALLOWED_ORIGIN", "ALLOWED_ORIGINS"),
        ("SITE", "SITES"),
    ],
)
def test_misspelt_setting_of_the_environment_is_said_with_what_was_meant(
    name: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    assert near_misses.find(tmp_path) == [
        f"{name} is set, but is not a setting. Did you mean {meant}?"
    ]


@pytest.mark.parametrize(
    "name", ["HTTPS_PROXY", "http_proxy", "HOST", "HOSTNAME", "CARGO_HOME", "NODE", "APPDIR"]
)
def test_variable_of_another_program_is_no_misspelling(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    assert near_misses.find(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("HTTPSPORT=9443", ".env line 2: HTTPSPORT is not a setting. Did you mean HTTPS_PORT?"),
        (
            "HTTPS_PORT",
            ".env line 2: HTTPS_PORT has no =, so it sets nothing. Write HTTPS_PORT=...",
        ),
        ("HOST", ".env line 2: HOST has no =, so it sets nothing. Write HOSTS=..."),
        ("\nSECRET", ".env line 3: SECRET has no =, so it sets nothing. Write SECRET=..."),
    ],
)
def test_line_of_the_file_is_said_with_its_number(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"HOSTS=a.test\n{line}\nMY_OWN=1\n")
    assert near_misses.find(tmp_path) == [said]


def test_file_that_cannot_be_read_is_no_near_miss(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("HOSTSS=ä".encode("latin-1"))
    assert near_misses.find(tmp_path) == []
