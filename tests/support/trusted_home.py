"""The one home of the tests whose stores and authority are its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme

from certs import ca_home
from tests.support import certificates
from tests.support.fake_store import FakeStore
from tests.support.ports import free_port
from trust import bundle, resolver
from trust.clients import find as clients_find
from trust.root import Root
from trust.stores import find
from trust.stores.ledger import Ledger


class TrustedHome:
    """With no store yet, no client and no authority, and nothing of this machine's."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.port = folder, patch, free_port()
        self.stores: list[FakeStore] = []
        trustme.CA(organization_name="public").cert_pem.write_to_path(str(folder / "public.pem"))
        patch.setattr(find, "find_all", lambda *_: list(self.stores))
        patch.setattr(clients_find, "find_all", lambda *_: [])
        patch.setattr(resolver, "_resolve", lambda names: [("127.0.0.1",)] * len(names))
        patch.setattr(bundle, "public", lambda *_: folder / "public.pem")
        self.set(certificates.environment(folder, HTTPS_PORT=str(self.port)))

    def set(self, env: Mapping[str, str]) -> None:
        for name, value in env.items():
            self.patch.setenv(name, value)

    def store(self, name: str = "store") -> FakeStore:
        """A folder of its own, that is not found by itself."""
        (self.folder / name).mkdir()
        return FakeStore(str(self.folder / name), name)

    @property
    def root(self) -> Root:
        return Root.read(self.folder / "ca" / ca_home.ROOT)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder / "ca")
