"""Each client but the browsers, as it is on this machine, against trust.proof.echo_server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.clients import WRONG, Servers, assert_refused, runner, serving
from trust import bundle
from trust.clients import curl, go, java, javascript, openssl, php, python, ruby, wget
from trust.clients.base import Cause, Client, Target, Verdict
from trust.commands import Runner

pytestmark = pytest.mark.programs

Trust = Callable[[Servers, Path], Mapping[str, str]]


def by_variable(name: str) -> Trust:
    return lambda servers, _: {name: str(servers.root.path)}


def by_wgetrc(servers: Servers, folder: Path) -> Mapping[str, str]:
    (folder / "wgetrc").write_text(f"ca_certificate = {servers.root.path}\n")
    return {"WGETRC": str(folder / "wgetrc")}


def by_php_ini(servers: Servers, folder: Path) -> Mapping[str, str]:
    """Its own setting, after those of the system: PHP's curl reads no variable."""
    (folder / "php").mkdir(exist_ok=True)
    (folder / "php/ours.ini").write_text(f"curl.cainfo = {servers.root.path}\n")
    return {"PHP_INI_SCAN_DIR": f":{folder / 'php'}"}


def by_keystore(servers: Servers, folder: Path) -> Mapping[str, str]:
    """A copy of the one that comes with the JVM: a new one would need its password."""
    path = folder / "cacerts"
    if not path.exists():
        jvm = Path(shutil.which("java") or "").resolve().parent.parent
        path.write_bytes((jvm / "lib" / "security" / "cacerts").read_bytes())
        add = ("-importcert", "-noprompt", "-alias", "ours", "-file", str(servers.root.path))
        store = ("-keystore", str(path), "-storepass", "changeit")
        subprocess.run(["keytool", *add, *store], check=True, capture_output=True)
    return {"JAVA_TOOL_OPTIONS": f"-Djavax.net.ssl.trustStore={path}"}


@dataclass(frozen=True)
class Case:
    """trust: the means that the client has itself, for one process. shows: what its
    own words have in them."""

    find: Callable[[Mapping[str, str], Runner, Path], Sequence[Client]]
    name: str
    trust: Trust
    shows: str


CASES = {
    "openssl": Case(
        openssl.find, "openssl", by_variable("SSL_CERT_FILE"), "unable to get local issuer"
    ),
    "curl": Case(curl.find, "curl", by_variable("CURL_CA_BUNDLE"), "unable to get local issuer"),
    "wget": Case(wget.find, "wget", by_wgetrc, "The certificate of 'localhost'"),
    "python ssl": Case(
        python.find, "Python ssl", by_variable("SSL_CERT_FILE"), "CERTIFICATE_VERIFY_FAILED"
    ),
    "python websockets": Case(
        python.find, "Python websockets", by_variable("SSL_CERT_FILE"), "CERTIFICATE_VERIFY_FAILED"
    ),
    "python httpx": Case(
        python.find, "Python httpx", by_variable("SSL_CERT_FILE"), "CERTIFICATE_VERIFY_FAILED"
    ),
    "python requests": Case(
        python.find,
        "Python requests",
        by_variable("REQUESTS_CA_BUNDLE"),
        "CERTIFICATE_VERIFY_FAILED",
    ),
    "node": Case(javascript.find, "Node", by_variable("NODE_EXTRA_CA_CERTS"), "UNABLE_TO_"),
    "deno": Case(javascript.find, "deno", by_variable("DENO_CERT"), "UnknownIssuer"),
    "bun": Case(javascript.find, "bun", by_variable("NODE_EXTRA_CA_CERTS"), "UNABLE_TO_"),
    "go": Case(go.find, "Go", by_variable("SSL_CERT_FILE"), "x509: "),
    "php streams": Case(
        php.find, "PHP streams", by_variable("SSL_CERT_FILE"), "certificate verify failed"
    ),
    "php curl": Case(php.find, "PHP curl", by_php_ini, "unable to get local issuer"),
    "ruby net/http": Case(
        ruby.find, "Ruby net/http", by_variable("SSL_CERT_FILE"), "certificate verify failed"
    ),
    "ruby websocket-driver": Case(
        ruby.find,
        "Ruby websocket-driver",
        by_variable("SSL_CERT_FILE"),
        "certificate verify failed",
    ),
    "java": Case(java.find, "Java", by_keystore, "valid certification path"),
}
# What `make env` does nothing for.
STORE_ONLY = ("wget", "java", "php curl")
# What shows no more than a GET, and says so.
GET_ONLY = ("Python httpx", "Python requests", "wget", "PHP curl", "Ruby net/http")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clients")


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[Servers]:
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def clients(case: Case, home: Path) -> list[Client]:
    plain = runner(home)
    found = [c for c in case.find(plain.env, plain, Path("/")) if c.name == case.name]
    if not found:
        pytest.skip(f"{case.name} is not installed")
    return found


@pytest.fixture(scope="module")
def home(case: Case, folder: Path) -> Path:
    return folder / f"home of {case.name.replace('/', ' ')}"


def test_program_without_trust_refuses(
    case: Case, clients: list[Client], servers: Servers, home: Path
) -> None:
    for client in clients:
        proof = client.prove(servers.good.target, runner(home))
        assert_refused(proof, case.shows)
        assert "\n" not in proof.why


def test_program_with_trust_passes_and_leaves_nothing(
    case: Case, clients: list[Client], servers: Servers, folder: Path, home: Path
) -> None:
    for client in clients:
        proof = client.prove(servers.good.target, runner(home, **case.trust(servers, folder)))
        assert proof.verdict is Verdict.PASS, proof
        assert ("HTTPS GET" in proof.why) is (case.name in GET_ONLY)
    # Go's build cache stays: the next run is ten times faster.
    assert [path.name for path in home.iterdir()] == [".cache"] * (case.name == "Go")


@pytest.mark.parametrize("leaf", WRONG)
def test_a_leaf_that_is_not_for_localhost_alone_is_refused(
    case: Case, clients: list[Client], leaf: str, servers: Servers, folder: Path, home: Path
) -> None:
    for client in clients:
        asked = runner(home, **case.trust(servers, folder))
        assert_refused(client.prove(servers.wrong[leaf].target, asked))


@pytest.mark.parametrize("case", [n for n in CASES if n not in STORE_ONLY], indirect=True)
def test_program_passes_with_make_env(
    clients: list[Client], servers: Servers, folder: Path, home: Path
) -> None:
    env = bundle.prepare({}, folder, servers.root)
    for client in clients:
        proof = client.prove(servers.good.target, runner(home, **env))
        assert proof.verdict is Verdict.PASS, proof


def test_a_server_that_is_gone_is_not_a_pass(clients: list[Client], home: Path) -> None:
    for client in clients:
        assert_refused(client.prove(Target(1), runner(home)))


def test_python_is_asked_once(tmp_path: Path) -> None:
    plain = runner(tmp_path)
    clients = python.find(plain.env, plain, Path("/"))
    assert len({(client.path, client.library) for client in clients}) == len(clients)
    assert sys.executable in {client.path for client in clients}


DEBIANS = """#!/bin/sh
case "$2" in *NODE_OPENSSL_CERT_STORE*) echo {answer};; *) echo v18.20.4;; esac
"""
NODES = {
    "Debian's": ("true", "node-openssl", "make certs"),
    "its makers'": ("false", "node", Cause.BUNDLE.value),
    "one that does not say": (">&2 an error; exit 1", "node", Cause.BUNDLE.value),
}


@pytest.mark.parametrize(("answer", "kind", "fix"), NODES.values(), ids=NODES)
def test_a_node_that_reads_the_systems_store_is_fixed_there(
    tmp_path: Path, answer: str, kind: str, fix: str
) -> None:
    (tmp_path / "node").write_text(DEBIANS.format(answer=answer))
    (tmp_path / "node").chmod(0o755)
    asked = Runner({"PATH": f"{tmp_path}:{os.defpath}"}, interactive=False)
    client = javascript.find(asked.env, asked, Path("/"))[0]
    assert client.kind == kind
    assert client.prove(Target(1), asked).fix == fix
