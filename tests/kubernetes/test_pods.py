"""The Pods run for real, on one node, under podman."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.pods import Pods, pods
from tests.support.tls import connect
from tests.support.waiting import until

HOST = "wss.example.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def running(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pods]:
    leaf = authority.issue_cert(HOST)
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    folder = tmp_path_factory.mktemp("pods")
    with pods(folder, chain, leaf.private_key_pem.bytes()) as made:
        yield made


def test_an_echo_comes_through_nginx_with_the_secrets_certificate(
    running: Pods, authority: trustme.CA, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    trust = ssl.create_default_context(cafile=str(root))

    def echo() -> str | bytes:
        with connect(f"wss://{HOST}:{running.port}/sockets", trust) as client:
            client.send("from outside")
            return client.recv(timeout=10)

    assert until(echo, "the Pods", seconds=60) == "Server Response to: from outside"


def test_its_processes_are_not_root_and_their_images_read_only(running: Pods) -> None:
    names = [n for n in running.run("ps", "--format", "{{.Names}}").split() if "-pod-0-" in n]
    assert len(names) == 3
    for each in json.loads(running.run("inspect", *names)):
        assert each["Config"]["User"].split(":")[0] in ("101", "10001")
        assert each["HostConfig"]["ReadonlyRootfs"] is True
        assert each["EffectiveCaps"] in (None, [])
