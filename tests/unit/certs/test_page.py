"""What the trust page shows."""

from __future__ import annotations

import plistlib
import re

import pytest

from certs.dotenv import CHECKOUT
from certs.endpoint import Endpoint
from certs.page import render
from tests.support.trust_page import LAN, Document, made, minted


def test_the_root_is_shown_as_status_shows_it() -> None:
    authority = minted()
    page = Document(made(authority))
    assert page.texts["name"] == authority.name
    assert page.texts["fingerprint"] == authority.fingerprint
    assert f"{authority.root.not_valid_after_utc:%B %Y}" in page.text


def test_page_shows_what_the_root_may_sign() -> None:
    permitted = " ".join(Document(made(minted())).texts["permitted"].split())
    assert permitted.startswith("localhost, test, internal, home.arpa, local, with every name")
    assert "127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, ::1/128, fc00::/7." in permitted
    assert "cannot sign for your bank" in permitted


def test_page_says_what_permit_added_and_promises_no_more() -> None:
    page = Document(made(minted(permit="dev.example.com 100.64.0.0/10")))
    permitted = " ".join(page.texts["permitted"].split())
    assert "PERMIT added dev.example.com, 100.64.0.0/10." in permitted
    assert "bank" not in page.text


def test_page_on_the_loopback_says_how_to_let_others_in() -> None:
    files = made(minted(), "192.168.1.20")
    page = Document(files)
    assert "BIND=0.0.0.0 make up" in page.texts["others"]
    assert "reach your app" in page.texts["others"]
    assert not page.of("img")
    assert render.QR not in files


def test_page_that_others_reach_shows_its_address_to_them() -> None:
    files = made(minted(), "192.168.1.20", LAN)
    page = Document(files)
    url = "http://192.168.1.20:8080/"
    (image,) = page.of("img")
    assert url in image["alt"]
    assert image["src"] == f"/{render.QR}"
    assert page.of("a", id="address", href=url)
    assert page.texts["address"] == url
    assert "everyone in the network can reach your app" in page.texts["others"]


def test_page_without_a_host_for_others_asks_for_one() -> None:
    files = made(minted(), "api.localhost", LAN)
    page = Document(files)
    assert "HOSTS=192.168.1.20 BIND=0.0.0.0 make up" in page.texts["others"]
    assert not page.of("img")
    assert render.QR not in files


def test_the_probe_is_told_the_port_and_whether_there_is_an_echo() -> None:
    own = made(minted(), endpoint=Endpoint(https_port=9443), is_echo_app=False)
    assert Document(made(minted())).main == {"data-https-port": "8443", "data-echo": "yes"}
    assert Document(own).main == {"data-https-port": "9443", "data-echo": "no"}


def test_page_without_javascript_has_a_link_to_try_for_each_host() -> None:
    page = Document(made(minted(), "api.localhost *.app.localhost"))
    links = [a["href"] for a in page.of("a") if a["href"].startswith("https://")]
    # The last one is made whole, and shown, by JavaScript.
    assert links == [
        f"https://{host}:8443/" for host in ("localhost", "api.localhost", "127.0.0.1", "[::1]")
    ] + ["https://localhost:8443/"]
    assert page.of("button", id="again", hidden="")


HOSTILE = '"><script>alert(1)</script>'


def test_a_hostile_name_stays_text() -> None:
    authority = minted(who=HOSTILE)
    files = made(authority, "192.168.1.20", LAN)
    page = Document(files)
    assert page.texts["name"] == authority.name
    assert HOSTILE in page.texts["name"]
    assert len(page.of("script")) == 1
    assert plistlib.loads(files[render.PROFILE])["PayloadDisplayName"] == authority.name


def test_characters_that_deceive_or_break_are_replaced() -> None:
    files = made(minted(who="a\x07b\u202ec"))
    assert Document(files).texts["name"].endswith("(a\ufffdb\ufffdc)")
    name = plistlib.loads(files[render.PROFILE])["PayloadDisplayName"]
    assert name.endswith("(a\ufffdb\ufffdc)")


@pytest.mark.parametrize("page", [Endpoint(), LAN], ids=["loopback", "network"])
def test_a_policy_without_inline_parts_holds(page: Endpoint) -> None:
    files = made(minted(), "192.168.1.20", page)
    document = Document(files)
    assert not document.of("style")
    for tag, attributes in document.elements:
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "src"):
            target = attributes.get(name, "")
            assert not target.startswith(("javascript:", "data:", "//")), target
            if target.startswith("/"):
                assert target.removeprefix("/") in files
    (script,) = document.of("script")
    assert script == {"type": "module", "src": "/trust/page.js"}
    # Nothing in it is fetched from elsewhere either.
    assert b"url(" not in files["trust/style.css"]
    assert b"@import" not in files["trust/style.css"]


def test_every_id_is_there_once_and_every_reference_leads_to_one() -> None:
    document = Document(made(minted(), "192.168.1.20", LAN))
    ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for a in document.of("a") if a["href"].startswith("#")}
    wanted |= {
        attrs["aria-labelledby"] for _, attrs in document.elements if "aria-labelledby" in attrs
    }
    script = (CHECKOUT / "certs/page/static/page.js").read_text()
    wanted |= set(re.findall(r'element\("([\w-]+)"\)', script))
    wanted |= set(re.findall(r'^    \["(\w+)", /', script, re.MULTILINE))  # what it takes for first
    assert wanted <= set(ids)


def test_every_command_that_the_page_names_exists() -> None:
    page = Document(made(minted()))
    script = (CHECKOUT / "certs/page/static/page.js").read_text()
    targets = set(re.findall(r"make (?:-s )?([a-z]+)", page.text + script))
    makefile = (CHECKOUT / "Makefile").read_text()
    assert targets >= {"certs", "doctor", "env", "untrust", "up", "status", "logs"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "## Other containers" in (CHECKOUT / "docs/trust.md").read_text()
