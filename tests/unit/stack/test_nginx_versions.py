"""The table of current nginx releases, branch by branch."""

from __future__ import annotations

import pytest

from stack import nginx_versions
from stack.nginx_versions import CURRENT_FROM, GROUPS, Standing, parse, tls_groups


@pytest.mark.parametrize(
    ("output", "standing", "wanted"),
    [
        ("nginx version: nginx/1.30.6", Standing.BEHIND, "1.30.7"),
        ("nginx version: nginx/1.30.7", Standing.CURRENT, "1.30.7"),
        ("nginx version: nginx/1.30.12", Standing.CURRENT, "1.30.7"),
        ("nginx version: nginx/1.31.3", Standing.BEHIND, "1.31.9"),
        ("nginx version: nginx/1.31.8", Standing.BEHIND, "1.31.9"),
        ("nginx version: nginx/1.31.9", Standing.CURRENT, "1.31.9"),
        ("nginx version: nginx/1.31.10", Standing.CURRENT, "1.31.9"),
        ("nginx version: nginx/1.32.0", Standing.CURRENT, "1.32.0"),
        ("nginx version: nginx/2.0.0", Standing.CURRENT, "2.0.0"),
        ("nginx version: nginx/1.26.3", Standing.TOO_OLD, "1.30.7"),
        ("nginx version: nginx/1.29.8", Standing.TOO_OLD, "1.30.7"),
        ("nginx version: nginx/1.30.7 (Ubuntu)", Standing.CURRENT, "1.30.7"),
        ("nginx version: nginx/1.31.3-acme2 (build 7)", Standing.BEHIND, "1.31.9"),
        ("warning: odd\nnginx version: nginx/1.30.6\nbuilt by gcc", Standing.BEHIND, "1.30.7"),
    ],
)
def test_release_is_compared_within_its_branch(
    output: str, standing: Standing, wanted: str
) -> None:
    version = parse(output)
    assert version
    assert (version.standing, version.wanted) == (standing, wanted)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "hello",
        "nginx version: freenginx/1.31.9",
        "nginx version: openresty/1.31.9.1",
        "Tengine version: Tengine/3.1.0 (nginx/1.31.9)",
        "nginx version: nginx/1.31",
    ],
)
def test_program_that_is_not_nginx_has_no_version(output: str) -> None:
    assert parse(output) is None


def test_holes_are_named_for_a_release_that_is_behind_alone() -> None:
    behind, current = parse("nginx version: nginx/1.31.3"), parse("nginx version: nginx/1.31.9")
    assert behind
    assert "CVE-2026-123633" in behind.holes
    assert "CVE-2026-93479" in behind.holes
    assert current
    assert current.holes == ""


def test_every_branch_of_the_table_has_its_reason() -> None:
    assert all("CVE-" in why for _, why in CURRENT_FROM.values())
    assert nginx_versions.Version(*min(CURRENT_FROM), 0).standing is Standing.BEHIND


@pytest.mark.parametrize(
    ("library", "groups"),
    [
        ("built with OpenSSL 3.6.5 29 Sep 2026", nginx_versions.SKIPPING_GROUPS),
        ("built with OpenSSL 3.3.0 9 Apr 2024", nginx_versions.SKIPPING_GROUPS),
        # nginx.org's packages for Debian 12 and Ubuntu 24.04.
        ("built with OpenSSL 3.0.11 19 Sep 2023", GROUPS),
        (
            "built with OpenSSL 3.5.0 8 Apr 2025 (running with OpenSSL 3.0.19 27 Jan 2026)",
            GROUPS,
        ),
        (
            "built with OpenSSL 3.0.11 19 Sep 2023 (running with OpenSSL 3.5.4 30 Sep 2025)",
            nginx_versions.SKIPPING_GROUPS,
        ),
        ("built with OpenSSL 1.1.1w  11 Sep 2023", GROUPS),
        ("built with LibreSSL 4.1.0", GROUPS),
        ("built with BoringSSL", GROUPS),
        ("", GROUPS),
    ],
)
def test_group_that_a_library_may_not_know_is_named_where_it_skips_it(
    library: str, groups: str
) -> None:
    assert tls_groups(f"nginx version: nginx/1.31.9\n{library}\n") == groups
