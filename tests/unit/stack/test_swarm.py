"""What make's swarm- words decide from the settings, and from what docker says."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from certs.errors import OwnCertificateError, SettingError
from stack.swarm import leaf, services, settings
from tests.support.own_certificates import Company

HOME = {"HOME": "/home/somebody"}


def read(**env: str) -> settings.Settings:
    return settings.read({**HOME, **env})


def inspected(
    leaf: str = "", state: str = "", began: str = "", before: str = ""
) -> Mapping[str, Any]:
    def spec(name: str) -> dict[str, Any]:
        container = {"Secrets": [{"SecretName": name}]} if name else {}
        return {"Name": "chat_certs", "TaskTemplate": {"ContainerSpec": container}}

    update = {"UpdateStatus": {"State": state, "StartedAt": began}} if state else {}
    return {"Spec": spec(leaf), "PreviousSpec": spec(before), **update}


@pytest.mark.parametrize(
    ("registry", "image"),
    [
        ("", "wss-stack-app:latest"),
        ("registry.test", "registry.test/wss-stack-app:latest"),
        ("registry.test:5000/team/", "registry.test:5000/team/wss-stack-app:latest"),
    ],
)
def test_images_are_named_after_the_registry(registry: str, image: str) -> None:
    assert read(REGISTRY=registry).images["IMAGE_OF_APP"] == image


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY", "https://registry.test"),
        ("REGISTRY", "registry.test/Team"),
        ("TAG", "1.0 beta"),
        ("TAG", "a" * 129),
        ("REPLICAS", "0"),
        ("REPLICAS", "many"),
        ("UPSTREAM", "127.0.0.1:3000"),
    ],
)
def test_setting_that_cannot_be_used_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(**{name: value})
    assert name in str(caught.value)
    assert value in str(caught.value)


def test_values_are_for_what_the_container_is_given() -> None:
    found = read(BIND="127.0.0.2", ALLOWED_ORIGINS="http://localhost:5173")
    assert found.raw["HTTPS_PORT"] == "8443"
    assert found.env["ALLOWED_ORIGINS"] == found.raw["ALLOWED_ORIGINS"]
    assert "BIND" not in found.raw


def test_upstream_needs_no_replica_of_the_app() -> None:
    assert read(UPSTREAM="chat:8000").env["REPLICAS"] == "0"


def test_service_whose_replicas_are_missing_is_a_problem() -> None:
    found = services.read(inspected(), "2/3 (max 1 per node)")
    assert services.problems([found]) == ["chat_certs: 2 of 3 replicas run"]
    assert not services.problems([services.read(inspected(), "3/3")])


@pytest.mark.parametrize("state", ["rollback_completed", "rollback_started", "paused"])
def test_rollback_since_then_is_told_and_an_older_one_is_not(state: str) -> None:
    before = {"chat_certs": services.read(inspected(state=state, began="1"), "3/3")}
    after = {"chat_certs": services.read(inspected(state=state, began="2"), "3/3")}
    assert len(services.rolled_back(before, after)) == 1
    assert services.rolled_back(after, after) == []
    assert len(services.rolled_back({}, after)) == 1


def test_secret_that_a_rollback_leads_to_is_in_use() -> None:
    found = services.read(inspected(leaf="new", before="old"), "3/3")
    assert found.leaf == "new"
    assert found.uses == {"new", "old"}


def test_archive_has_all_that_nginx_needs_and_is_the_same_for_the_same_content(
    tmp_path: Path,
) -> None:
    known = settings.read({"HOME": str(tmp_path), "STATE_DIR": str(tmp_path / "run")}).certs
    leaf.make(known)
    packed = leaf.archive(known.leaf_dir)
    leaf.make(known)
    assert leaf.archive(known.leaf_dir) == packed
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = tar.getnames()
    for name in ("leaf.pem", "leaf-names.pem", "hosts/localhost", "public/index.html"):
        assert name in names
    assert not [name for name in names if "authority" in name]

    leaf.make(known, renew=True)
    assert leaf.archive(known.leaf_dir) != packed


def test_archive_fits_into_a_secret(tmp_path: Path) -> None:
    hosts = " ".join(f"host-number-{number}.with-a-long-name.internal" for number in range(1000))
    env = {"HOME": str(tmp_path), "STATE_DIR": str(tmp_path / "run"), "HOSTS": hosts}
    known = settings.read(env).certs
    leaf.make(known)
    assert len(leaf.archive(known.leaf_dir)) < 500 * 1024  # Docker's limit


def test_certificate_of_ones_own_goes_over_with_the_leaf(tmp_path: Path) -> None:
    issued = Company().issue("chat.example.com")
    chain = b"".join(issued.chain)
    (tmp_path / "both.pem").write_bytes(chain + issued.key)
    env = {"STATE_DIR": str(tmp_path / "run"), "CERT": str(tmp_path / "both.pem")}
    known = settings.read({"HOME": str(tmp_path), **env}).certs
    leaf.make(known)
    with tarfile.open(fileobj=io.BytesIO(leaf.archive(known.leaf_dir))) as tar:
        packed = tar.extractfile("own.pem")
        assert packed
        assert chain in packed.read()

    (tmp_path / "both.pem").write_bytes(chain)
    with pytest.raises(OwnCertificateError, match=r"both\.pem"):
        leaf.make(known)
