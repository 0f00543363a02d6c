"""CERT with a plain `docker compose up`, where nobody works out which folder to mount."""

from __future__ import annotations

import ssl
from pathlib import Path

from tests.support.clone import Clone
from tests.support.own_certificates import Company, Lineage
from tests.support.tls import connect
from tests.support.waiting import until

COMPANY = Company()
NAME = "ws.example.com"


def served(clone: Clone) -> int:
    """The serial number that a client sees which trusts the company alone; 0: it refuses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=COMPANY.root_pem.decode())
    try:
        with connect(f"wss://{NAME}:{clone.https_port}/ws", context) as client:
            client.send("in")
            assert client.recv(timeout=10) == "in"
        with clone.tls_socket(NAME, context) as connection:
            return int(str((connection.getpeercert() or {})["serialNumber"]), 16)
    except ssl.SSLCertVerificationError:
        return 0


def test_compose_up_serves_it_and_its_renewals(clone: Clone, folder: Path) -> None:
    # One file in a folder: nothing else to say.
    cert = folder / "tls" / "both.pem"
    cert.parent.mkdir()
    first = COMPANY.issue(NAME)
    cert.write_bytes(first.key + b"".join(first.chain))
    compose(clone, "up", "--detach", "--wait", CERT=str(cert))
    assert served(clone) == first.serial

    # certbot's links lead out of the folder of CERT, and the log says what to mount.
    lineage = Lineage(folder / "letsencrypt", NAME)
    second = COMPANY.issue(NAME)
    lineage.renew(second)
    own = {"CERT": str(lineage.cert), "KEY": str(lineage.key)}
    compose(clone, "up", "--detach", **own)
    advice = f"CERT_DIR={lineage.folder} docker compose up -d"
    until(lambda: advice in compose(clone, "logs", "certs"), "the advice in the log")
    until(lambda: served(clone) == first.serial, "the old one, until then", seconds=8)
    compose(clone, "up", "--detach", "--wait", CERT_DIR=str(lineage.folder), **own)
    until(lambda: served(clone) == second.serial, "the certificate of certbot", seconds=8)


def compose(clone: Clone, *arguments: str, **env: str) -> str:
    done = clone.run("docker", "compose", *arguments, as_user=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout
