"""The console is for the hosts that an authority may sign by default, unless it is off."""

from __future__ import annotations

import re

import pytest

from certs.dotenv import CHECKOUT
from certs.names import Address
from certs.permitted import PERMITTED_NAMES, PERMITTED_NETWORKS, Network, Permitted
from stack import shown
from stack.settings import read

HOME = {"HOME": "/home/somebody"}
TEMPLATE = CHECKOUT / "nginx" / "templates" / "console.conf.template"
PUBLIC = [
    "example.com",
    "localhost.example.com",
    "xlocalhost",
    "latest",
    "arpa",
    "10.example.com",
    "10.0.0.1.example.com",
    "127.example",
    "fd00.example.com",
    "[::2]",
    "[2001:db8::1]",
    "[::ffff:10.0.0.1]",
]


def is_served(host: str, console: str = "on") -> bool:
    """What nginx's map says of this value of $host."""
    (found,) = re.findall(
        r'^map "\$\{CONSOLE\} \$host" \$console_is_on \{(.*?)^\}',
        TEMPLATE.read_text(),
        re.MULTILINE | re.DOTALL,
    )
    patterns = re.findall(r'"~(.*?)" +yes;', found)
    assert patterns
    return any(re.search(pattern, f"{console} {host}") for pattern in patterns)


def written(address: Address) -> str:
    """As nginx's $host has it."""
    return f"[{address}]" if address.version == 6 else str(address)


@pytest.mark.parametrize("name", PERMITTED_NAMES)
def test_name_that_may_be_signed_is_served_with_all_below_it(name: str) -> None:
    assert is_served(name)
    assert is_served(f"a.b-1.{name}")
    assert not is_served(name, console="off")


@pytest.mark.parametrize("network", PERMITTED_NETWORKS, ids=str)
def test_network_that_may_be_signed_is_served_up_to_its_ends(network: Network) -> None:
    assert is_served(written(network[0]))
    assert is_served(written(network[network.num_addresses // 2]))
    assert is_served(written(network[-1]))
    assert not is_served(written(network[0]), console="off")
    for beside in (network[0] - 1, network[-1] + 1):
        assert is_served(written(beside)) is Permitted().allows_address(beside)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_host_is_not_served(host: str) -> None:
    assert not is_served(host)


@pytest.mark.parametrize("env", [{}, {"APP": "chat.asgi:app"}, {"UPSTREAM": "127.0.0.1:3000"}])
def test_make_up_prints_where_the_console_is_whatever_is_behind(env: dict[str, str]) -> None:
    printed = dict(shown.places(read({**HOME, **env})))
    assert printed["console"] == "https://localhost:8443/.wss-stack/console/"
    assert "console" not in dict(shown.places(read({**HOME, **env, "CONSOLE": "0"})))


@pytest.mark.parametrize(
    ("bind", "where"),
    [
        ("0.0.0.0", "https://localhost:8443"),  # noqa: S104
        ("192.168.1.5", "https://192.168.1.5:8443"),
        ("fd00::5", "https://[fd00::5]:8443"),
    ],
)
def test_make_up_prints_the_console_by_the_host_that_leads_there(bind: str, where: str) -> None:
    assert read({**HOME, "BIND": bind}).console_url == f"{where}/.wss-stack/console/"


def test_make_up_prints_no_console_on_a_public_address() -> None:
    settings = read({**HOME, "BIND": "203.0.113.1", "PERMIT": "203.0.113.1"})
    assert settings.console_url is None
