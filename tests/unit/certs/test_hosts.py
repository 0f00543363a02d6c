from __future__ import annotations

import ipaddress

import pytest

from certs.hosts import parse
from certs.names import HostError
from certs.permitted import Permitted, parse_permit

ALWAYS = ("localhost", "127.0.0.1", "::1")

ACCEPTED = {
    "nothing": ("", ()),
    "a name": ("app.localhost", ("app.localhost",)),
    "a name in capitals": ("App.LocalHost", ("app.localhost",)),
    "a single label": ("test", ("test",)),
    "spaces and commas": (" a.test,b.test  c.test, ", ("a.test", "b.test", "c.test")),
    "lines": ("a.test\n\tb.test", ("a.test", "b.test")),
    "a two-label wildcard": ("*.app.localhost", ("*.app.localhost",)),
    "an international name": ("münchen.test", ("xn--mnchen-3ya.test",)),
    "an international wildcard": ("*.münchen.test", ("*.xn--mnchen-3ya.test",)),
    "IPv4": ("10.1.2.3", ("10.1.2.3",)),
    "IPv6": ("fd00::7", ("fd00::7",)),
    "IPv6 in brackets": ("[fd00::7]", ("fd00::7",)),
    "a label of 63": ("a" * 63 + ".test", ("a" * 63 + ".test",)),
}


@pytest.mark.parametrize(("text", "more"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_host_comes_after_those_that_are_always_there(text: str, more: tuple[str]) -> None:
    hosts = parse(text)
    assert set(ALWAYS) <= set(hosts.sans())
    assert tuple(san for san in hosts.sans() if san not in ALWAYS) == more
    hosts.check(Permitted())


FOLDED = {
    "the same": "a.test a.test",
    "another case": "a.test A.Test",
    "both spellings of an international name": "bücher.test xn--bcher-kva.test",
    "composed and decomposed": "b\u00fccher.test bu\u0308cher.test",
    "short and long IPv6": "fd00::7 [fd00:0:0:0:0:0:0:7] FD00::7",
    "what is there always": "localhost LOCALHOST 127.0.0.1 ::1 [::1] 0:0:0:0:0:0:0:1 a.test",
}


@pytest.mark.parametrize("text", FOLDED.values(), ids=FOLDED)
def test_duplicates_are_folded(text: str) -> None:
    assert len(parse(text).sans()) == len(ALWAYS) + 1


def test_addresses_stand_in_brackets_where_a_url_has_them_so() -> None:
    hosts = parse("*.app.test 10.0.0.1 fd00::7")
    assert hosts.authorities() == (
        "localhost",
        "*.app.test",
        "127.0.0.1",
        "[::1]",
        "10.0.0.1",
        "[fd00::7]",
    )


# The offending value, what is said of it, and the remedy.
REFUSED = {
    "wildcard right under localhost": (
        "*.localhost",
        "wildcard right under a single label",
        r"\(api\.localhost\).*\(\*\.app\.localhost\)",
    ),
    "wildcard right under test": ("*.test", "wildcard right under", r"\(\*\.app\.test\)"),
    "empty label": ("a..test", "an empty label", "without the extra dot"),
    "leading dot": (".test", "an empty label", "without the extra dot"),
    "trailing dot": ("app.test.", "an empty label", "without the extra dot"),
    "port": ("app.test:8443", "has a port", r": app\.test$"),
    "port after IPv4": ("10.0.0.1:80", "has a port", r": 10\.0\.0\.1$"),
    "port after IPv6": ("[::1]:8443", "has a port", r": \[?::1\]?$"),
    "URL": ("https://app.test:8443/x", "is a URL", r"host alone: app\.test$"),
    "URL with IPv6": ("https://[::1]:8443/", "is a URL", r"host alone: \[?::1\]?$"),
    "CIDR": ("10.0.0.0/8", "or a network", r"host alone: 10\.0\.0\.0$"),
    "broken IPv6": ("::g", "broken IPv6 address", "IPv6"),
    "open bracket": ("[::1", "broken IPv6 address", "IPv6"),
    "IPv6 zone": ("fe80::1%eth0", "has a zone", "without one"),
    "underscore": ("my_app.test", "not a host name", "letters, digits and hyphens"),
    "hyphen in front": ("-a.test", "not a host name", "letters, digits and hyphens"),
    "hyphen at the end": ("a-.test", "not a host name", "letters, digits and hyphens"),
    "long label": ("a" * 64 + ".test", "not a host name", "at most 63"),
    "long name": (".".join(["a" * 63] * 4), "not a host name", "labels of at most 63"),
    "emoji": ("😀.test", "not a host name", "letters, digits and hyphens"),
    "broken A-label": ("xn--a.test", "not a host name", "letters, digits and hyphens"),
    "numeric last label": ("app.123", "neither an IPv4 address nor a name", "end in a number"),
    "IPv4 out of range": ("256.1.1.1", "neither an IPv4 address nor a name", "end in a number"),
    "short IPv4": ("127.1", "neither an IPv4 address nor a name", "end in a number"),
    "* inside": ("a.*.test", "not the whole first label", r"write \*\.app\.localhost"),
    "* in a label": ("a*.test", "not the whole first label", "name each host"),
    "* alone": ("*", "not the whole first label", "name each host"),
}


@pytest.mark.parametrize(("value", "fact", "remedy"), REFUSED.values(), ids=REFUSED)
def test_refused_host_is_named_with_a_remedy(value: str, fact: str, remedy: str) -> None:
    with pytest.raises(HostError, match=remedy) as caught:
        parse(f"good.test {value}")
    text = str(caught.value)
    assert text.startswith("HOSTS: ")
    assert repr(value) in text
    assert fact in text
    assert not text.endswith((": ", ": [")), "the remedy is cut off"


# What may not be signed, and what the text offers instead.
UNSIGNABLE = {
    "public name": ("example.com", r"example\.localhost or example\.test.*PERMIT"),
    "wildcard of a public name": ("*.example.com", r"example\.localhost.*PERMIT"),
    "name that only ends alike": ("notlocalhost", r"under localhost.*PERMIT"),
    "name that only begins alike": ("localhost.example", r"localhost\.localhost"),
    "public address": ("8.8.8.8", r"private ones: 127\.0\.0\.0/8.*PERMIT=8\.8\.8\.8/32 make certs"),
    "address next to a private range": ("172.32.0.1", r"172\.16\.0\.0/12"),
    "public IPv6": ("2001:4860:4860::8888", "fc00::/7"),
    "link-local": ("169.254.1.1", "private ones"),
    "any address": ("0.0.0.0", "private ones"),  # noqa: S104 # refused
    "IPv4-mapped loopback": ("::ffff:127.0.0.1", "private ones"),
    "IPv4-mapped public": ("::ffff:8.8.8.8", "private ones"),
}


@pytest.mark.parametrize(("value", "remedy"), UNSIGNABLE.values(), ids=UNSIGNABLE)
def test_host_that_the_authority_may_not_sign_is_named(value: str, remedy: str) -> None:
    with pytest.raises(HostError, match=remedy) as caught:
        parse(f"good.test {value}").check(Permitted())
    assert "may not sign" in str(caught.value)
    shown = str(ipaddress.ip_address(value)) if ":" in value else value
    assert repr(shown) in str(caught.value)


# HOSTS, what the authority was made with, PERMIT, and the command to type.
WIDER = {
    "nothing is permitted": ("example.com", "", "", "PERMIT=example.com make certs"),
    "PERMIT has it": ("a.foo.dev", "", "foo.dev", "PERMIT=foo.dev make certs"),
    "PERMIT has others": ("a.dev", "", "b.dev", "PERMIT='b.dev a.dev' make certs"),
    "what there is stays": ("b.dev", "a.dev", "a.dev", "PERMIT='a.dev b.dev' make certs"),
    "a wildcard": ("*.foo.dev", "", "", "PERMIT=foo.dev make certs"),
    "an address": ("8.8.8.8", "", "8.8.0.0/16", "PERMIT=8.8.0.0/16 make certs"),
    "both": ("a.dev 8.8.8.8", "", "", "PERMIT='a.dev 8.8.8.8/32' make certs"),
}


@pytest.mark.parametrize(("hosts", "made", "permit", "command"), WIDER.values(), ids=WIDER)
def test_next_command_makes_an_authority_that_may_sign_the_hosts(
    hosts: str, made: str, permit: str, command: str
) -> None:
    with pytest.raises(HostError) as caught:
        parse(hosts).check(parse_permit(made), parse_permit(permit))
    assert str(caught.value).endswith(f": {command}")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("localhost", True),
        ("a.b.localhost", True),
        ("notlocalhost", False),
        ("home.arpa", True),
        ("nas.home.arpa", True),
        ("arpa", False),
        ("localhost.com", False),
    ],
)
def test_a_domain_is_permitted_with_what_is_below_it(name: str, allowed: bool) -> None:
    assert Permitted().allows_name(name) is allowed


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("corp", "nas.corp"),
        (".corp", "corp"),
        ("*.corp", "*.nas.corp"),
        ("Dev.Example.COM", "a.dev.example.com"),
        ("рф", "xn--e1afmkfd.xn--p1ai"),
        ("100.64.0.0/10", "100.64.1.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::/32, corp", "2001:db8::1"),
    ],
)
def test_permit_adds_to_what_is_signed(text: str, host: str) -> None:
    hosts = parse(f"{host} a.test 10.0.0.1")
    with pytest.raises(HostError, match="may not sign"):
        hosts.check(Permitted())
    hosts.check(parse_permit(text))


def test_permit_is_no_wider_than_it_says() -> None:
    permitted = parse_permit("dev.example.com 203.0.113.7")
    assert not permitted.allows_name("example.com")
    assert not permitted.allows_name("notdev.example.com")
    assert not permitted.allows_address(ipaddress.ip_address("203.0.113.8"))
    assert parse_permit("test 127.0.0.0/8 TEST") == Permitted()


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("10.0.0.1/8", r"write one like 100\.64\.0\.0/10"),
        ("a/b", r"write one like 100\.64\.0\.0/10"),
        ("my_corp", "letters, digits and hyphens"),
        ("a..corp", "without the extra dot"),
        (".", "without the extra dot"),
        ("*", "name each host"),
        ("0.0.0.0/0", r"write one like 100\.64\.0\.0/10"),
        ("::/0", r"write one like 100\.64\.0\.0/10"),
        ("fd00::1%eth0", "addresses without one, like fd00::1"),
        ("fd00::%1/64", "addresses without one, like fd00::1"),
    ],
)
def test_name_that_permit_refuses_is_named_with_a_remedy(value: str, remedy: str) -> None:
    with pytest.raises(HostError, match=remedy) as caught:
        parse_permit(f"corp {value}")
    assert str(caught.value).startswith(f"PERMIT: {value!r} ")
