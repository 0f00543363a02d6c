"""Bundles of public roots, and variables that name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs import authority as authorities
from certs.permitted import parse_permit
from trust.root import Root


def pem(who: str) -> str:
    return authorities.mint(parse_permit(""), who).root_pem().decode()


PUBLIC, THEIRS, OURS = pem("public@x"), pem("corp@x"), pem("ada@engine")


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "ca").mkdir()
    (tmp_path / "ca" / "root.pem").write_text(OURS)
    return Root.read(tmp_path / "ca" / "root.pem")


@pytest.fixture
def fs(tmp_path: Path) -> Path:
    """A machine whose system trusts one root."""
    path = tmp_path / "fs" / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    path.parent.mkdir(parents=True)
    path.write_text(f"# Public root\n{PUBLIC}")
    return tmp_path / "fs"
