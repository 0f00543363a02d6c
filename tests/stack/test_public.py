"""PUBLIC: what is right for the names of CERT, and wrong on localhost."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path

from tests.support.answering import answering
from tests.support.own_certificates import Company
from tests.support.running import Running
from tests.support.tls import connect
from tests.support.upstreams import bound, reached
from tests.support.waiting import until

HSTS = "Strict-Transport-Security"
NAME = "chat.example.com"
THEIRS = "max-age=300; includeSubDomains"
ANSWERS = {"/theirs": [(HSTS, THEIRS)]}


class Client:
    """Trusts a company's root and the minted one."""

    def __init__(self, stack: Running, company: Company) -> None:
        self.stack = stack
        self.tls = ssl.create_default_context(cadata=company.root_pem.decode())
        self.tls.load_verify_locations(stack.root)
        # With TLS 1.3 a session comes after the handshake, and some time.
        self.tls.maximum_version = ssl.TLSVersion.TLSv1_2

    def hsts(self, host: str, path: str = "/") -> str | None:
        client = http.client.HTTPSConnection(host, self.stack.https_port, timeout=10)
        with self.stack.tls_socket(host, self.tls) as client.sock:
            client.request("GET", path)
            response = client.getresponse()
            assert response.read() == b"from the server behind"
            assert len(response.headers.get_all(HSTS) or ()) < 2
            return response.getheader(HSTS)

    def hsts_of_websocket(self, host: str) -> str | None:
        url = f"wss://{host}:{self.stack.https_port}/"
        with connect(url, self.tls) as client:
            assert client.response
            return client.response.headers.get(HSTS)

    def why_refused_by_address(self) -> str:
        """Without SNI. Empty where the certificate is for the address."""
        try:
            self.stack.tls_socket(None, self.tls).close()
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        return ""

    def resumes(self, host: str) -> bool:
        with self.stack.tls_socket(host, self.tls) as first:
            session = first.session
        plain = self.stack.plain_socket()
        with self.tls.wrap_socket(plain, server_hostname=host, session=session) as second:
            return bool(second.session_reused)


def test_public_changes_what_would_be_wrong_on_localhost(own: Running, tmp_path: Path) -> None:
    company = Company()
    cert, key = company.issue(NAME).write(tmp_path / "cert")
    files = {"CERT": str(cert), "KEY": str(key)}
    with answering(bound(own.mode), ANSWERS) as port:
        upstream = reached(own.mode, port)
        own.up(UPSTREAM=upstream, PUBLIC="1", **files)
        client = Client(own, company)
        year = client.hsts(NAME)
        assert year == "max-age=31536000"
        assert client.hsts(NAME, "/theirs") == THEIRS
        assert client.hsts_of_websocket(NAME) == year
        assert client.resumes(NAME)
        assert "127.0.0.1" in client.why_refused_by_address()
        for path in ("/", "/theirs"):
            assert client.hsts("localhost", path) is None
        assert client.hsts_of_websocket("localhost") is None

        if own.mode == "docker":
            return  # nginx gets the same values there, in a new container, which takes long
        own.up(UPSTREAM=upstream, **files)
        until(lambda: client.hsts(NAME) is None, "nginx without PUBLIC")
        assert client.hsts(NAME, "/theirs") is None
        assert client.hsts_of_websocket(NAME) is None
        assert not client.resumes(NAME)
        assert client.why_refused_by_address() == ""
