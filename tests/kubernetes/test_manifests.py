"""The manifests fit the schemas, and each other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from certs import all_settings
from tests.support.pods import FOLDER, render

# The oldest that still gets fixes from some distribution, and the newest.
VERSIONS = ("1.31", "1.37")
# Of other projects: their schemas are not among Kubernetes' own.
OPTIONS = ("cert-manager.yaml", "http-route.yaml")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    return render()


def of_kind(documents: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in documents if each["kind"] == kind}


def containers(documents: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each with its Pod."""
    pods = [each["spec"]["template"]["spec"] for each in of_kind(documents, "Deployment").values()]
    return [(pod, container) for pod in pods for container in pod["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_fit_the_schemas(documents: list[dict[str, Any]], version: str) -> None:
    assert documents
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


def test_options_render_beside_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, folder)
    file = folder / "kustomization.yaml"
    text = file.read_text()
    for option in OPTIONS:
        assert f"  # - {option}\n" in text
        text = text.replace(f"  # - {option}\n", f"  - {option}\n")
    file.write_text(text)
    found = render(folder)
    assert {"Certificate", "HTTPRoute", "BackendTLSPolicy"} <= {each["kind"] for each in found}
    (certificate,) = of_kind(found, "Certificate").values()
    secrets = [
        volume["secret"]["secretName"]
        for pod, _ in containers(found)
        for volume in pod["volumes"]
        if "secret" in volume
    ]
    assert set(secrets) == {certificate["spec"]["secretName"]}


def test_no_container_is_root_or_can_write_to_its_image(documents: list[dict[str, Any]]) -> None:
    for pod, container in containers(documents):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert "memory" in container["resources"]["limits"]


def test_upstream_is_the_service_of_the_app(documents: list[dict[str, Any]]) -> None:
    (settings,) = of_kind(documents, "ConfigMap").values()
    app = of_kind(documents, "Service")["app"]
    name, namespace = app["metadata"]["name"], app["metadata"]["namespace"]
    port = app["spec"]["ports"][0]["port"]
    assert settings["data"]["UPSTREAM"] == f"{name}.{namespace}.svc.cluster.local:{port}"
    assert app["spec"]["clusterIP"] == "None"


def test_settings_are_known_ones(documents: list[dict[str, Any]]) -> None:
    (settings,) = of_kind(documents, "ConfigMap").values()
    # The app's container has these from docker-compose.yml, too.
    own = {"APP_PATH", "FORWARDED_ALLOW_IPS"}
    assert set(settings["data"]) - own <= set(all_settings.NAMES)


def test_policies_let_in_nothing_but_clients_and_nginx(documents: list[dict[str, Any]]) -> None:
    policies = of_kind(documents, "NetworkPolicy")
    everything = policies.pop("nothing-else")["spec"]
    assert (everything["podSelector"], everything.get("ingress")) == ({}, None)
    labels = {
        name: each["spec"]["template"]["metadata"]["labels"]
        for name, each in of_kind(documents, "Deployment").items()
    }
    nginx, app = (policies[name]["spec"] for name in ("clients-to-nginx", "nginx-to-app"))
    assert "from" not in nginx["ingress"][0]
    (source,) = app["ingress"][0]["from"]
    assert source["podSelector"]["matchLabels"].items() <= labels["nginx"].items()
    assert app["podSelector"]["matchLabels"].items() <= labels["app"].items()
