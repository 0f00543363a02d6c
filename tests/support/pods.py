"""Pods of the Kubernetes manifests, run by podman on this machine alone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from certs.dotenv import CHECKOUT
from tests.support.ports import free_port

FOLDER = CHECKOUT / "deploy" / "kubernetes"
# What podman runs; it has no Services and no policies.
_RUN = {"ConfigMap", "Deployment"}
# Where this process may not raise its limits, podman would fail with its own.
_CONFIG = """\
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
"""
_CERTIFICATE = "wss-stack-certificate"  # a name, as in nginx.yaml


def render(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """What `kubectl apply --kustomize` would send. Skips the test without kubectl."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not installed: apt install kubernetes-client")
    done = subprocess.run(
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@dataclass
class Pods:
    """The Pods of all Deployments, one replica each."""

    podman: list[str]
    env: dict[str, str]
    port: int  # of this machine's loopback: nginx, HTTPS

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.podman, *arguments], env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"podman {arguments} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def logs(self) -> str:
        names = self.run("ps", "--all", "--format", "{{.Names}}").split()
        logs = []
        for name in names:
            command = [*self.podman, "logs", name]
            done = subprocess.run(
                command, env=self.env, capture_output=True, text=True, check=False
            )
            logs.append(f"==> {name}\n{done.stdout}{done.stderr}")
        return "\n".join(logs)


@contextlib.contextmanager
def pods(folder: Path, chain: bytes, key: bytes) -> Iterator[Pods]:
    """Runs them until the block ends. chain, key: of the certificate, PEM.

    Skips the test where podman or an engine to build the images is missing.
    """
    for program in ("podman", "runc", "catatonit", "docker"):
        if not shutil.which(program):
            pytest.skip(f"needs {program}")
    if os.geteuid() != 0:
        pytest.skip("needs root, for networks of podman")
    name = f"wss-test-{uuid.uuid4().hex[:12]}"
    config = folder / "containers.conf"
    config.write_text(_CONFIG)
    short = Path(tempfile.mkdtemp(prefix="wss-pods-"))  # podman takes 50 characters
    folders = ("--root", "--runroot", "--tmpdir")
    places = [part for option in folders for part in (option, str(short / option.strip("-")))]
    made = Pods(["podman", *places], {**os.environ, "CONTAINERS_CONF": str(config)}, free_port())
    images = _build(name)
    play = folder / "pods.yaml"
    documents = _for_podman(render(), name, made.port, chain, key)
    play.write_text(yaml.safe_dump_all(documents))
    try:
        archive = folder / "images.tar"
        subprocess.run(["docker", "save", "--output", str(archive), *images], check=True)
        made.run("load", "--quiet", "--input", str(archive))
        archive.unlink()
        made.run("network", "create", name)
        made.run("kube", "play", "--network", name, str(play))
        yield made
    finally:
        with contextlib.suppress(AssertionError):
            print(made.logs()[-20000:])  # pytest shows it if a test failed
        made.run("pod", "rm", "--all", "--force", "--time", "1")
        made.run("system", "reset", "--force")
        shutil.rmtree(short)
        subprocess.run(["docker", "image", "rm", *images], check=True, capture_output=True)


def _build(name: str) -> list[str]:
    """The three images, under names that podman does not look for elsewhere."""
    images = []
    for target in ("app", "certs", "nginx"):
        images.append(f"localhost/wss-stack-{target}:{name}")
        command = ["docker", "build", "--quiet", "--target", target, "--tag", images[-1]]
        subprocess.run([*command, str(CHECKOUT)], check=True, capture_output=True)
    return images


def _for_podman(
    documents: list[dict[str, Any]], tag: str, port: int, chain: bytes, key: bytes
) -> list[dict[str, Any]]:
    """Only what podman 4.3 lacks is replaced: DNS names of Services, Secrets (it hands their
    files out undecoded), and replicas beyond the first, for it publishes all ports."""
    files = {"tls.crt": chain.decode(), "tls.key": key.decode()}
    certificate = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _CERTIFICATE},
        "data": files,
    }
    kept = [json.loads(json.dumps(each)) for each in documents if each["kind"] in _RUN]
    for each in kept:
        del each["metadata"]["namespace"]
        if each["kind"] == "ConfigMap":
            each["data"]["UPSTREAM"] = "app-pod-0:8000"
            continue
        each["spec"]["replicas"] = 1
        pod = each["spec"]["template"]["spec"]
        for container in pod["containers"]:
            container["image"] = f"localhost/{container['image'].partition(':')[0]}:{tag}"
            container["imagePullPolicy"] = "Never"
            ports = [p for p in container.pop("ports", []) if p["name"] == "https"]
            published = [{**p, "hostPort": port, "hostIP": "127.0.0.1"} for p in ports]
            container["ports"] = published
        for volume in pod["volumes"]:
            if volume.pop("secret", None):
                volume["configMap"] = {"name": _CERTIFICATE, "optional": False}
    return [certificate, *sorted(kept, key=lambda each: str(each["kind"]))]
