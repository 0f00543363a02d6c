"""The grammar of host names, addresses and numbers in HOSTS, SITES, PERMIT and other settings."""

from __future__ import annotations

import ipaddress
import re

import idna

from certs.errors import SettingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class HostError(SettingError):
    """A host that cannot be in the leaf. The text names it, and a host that can."""


def items(text: str) -> list[str]:
    """The items of a setting that is a list, separated by spaces or commas."""
    return text.replace(",", " ").split()


def parse_number(text: str, most: int) -> int | None:
    """A number from 1 to most; None for anything else, however long it is."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if 1 <= int(text) <= most else None


def parse_host(item: str, setting: str) -> str | Address:
    """One item of a setting: a name as A-labels, possibly `*.` in front, or an address.

    Raises HostError, which names the setting.
    """
    bare = item[1:-1] if item.startswith("[") and item.endswith("]") else item
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        pass
    else:
        if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
            raise HostError(
                f"{setting}: {item!r} has a zone; a certificate has addresses without one"
            )
        return address
    alone = _alone(item)
    if "/" in item:
        raise HostError(f"{setting}: {item!r} is a URL or a network; write the host alone: {alone}")
    if alone and item in (
        f"{alone}:{item.rpartition(':')[2]}",
        f"[{alone}]:{item.rpartition(':')[2]}",
    ):
        raise HostError(f"{setting}: {item!r} has a port; a certificate is for every port: {alone}")
    if ":" in item:
        raise HostError(
            f"{setting}: {item!r} is a broken IPv6 address; write one like ::1 or fd00::1"
        )
    if not item.startswith("*."):
        return parse_name(item, setting)
    parent = parse_name(item[2:], setting, shown=item)
    if "." not in parent:
        raise HostError(
            f"{setting}: {item!r} is a wildcard right under a single label, which Chromium, "
            f"Firefox and most others refuse, some with the whole certificate. Name each host "
            f"(api.{parent}), or go a label deeper (*.app.{parent})"
        )
    return f"*.{parent}"


def parse_name(item: str, setting: str, shown: str | None = None) -> str:
    """A host name as lower-case A-labels (RFC 5891, with the mapping of UTS 46).

    shown: the text that an error message quotes instead. Raises HostError.
    """
    shown = shown or item
    if "" in item.split("."):
        raise HostError(f"{setting}: {shown!r} has an empty label; write it without the extra dot")
    if "*" in item:
        raise HostError(
            f"{setting}: {shown!r} has a * that is not the whole first label; "
            "write *.app.localhost, or name each host"
        )
    try:
        name = idna.encode(item, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise HostError(
            f"{setting}: {shown!r} is not a host name ({error}); "
            "letters, digits and hyphens, in labels of at most 63"
        ) from None
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise HostError(
            f"{setting}: {shown!r} is not a host name; "
            "letters, digits and hyphens, in labels of at most 63, at most 253 in all"
        )
    if labels[-1].isdigit():
        raise HostError(
            f"{setting}: {shown!r} is neither an IPv4 address nor a name (names do not end in "
            "a number)"
        )
    return name


def _alone(item: str) -> str:
    """The host in a text that may be a URL, with or without a port."""
    authority = re.sub(r"^\w+://", "", item).split("/")[0]
    bracketed = re.match(r"\[([^\[\]]+)\]", authority)
    if bracketed:
        return bracketed[1]
    return authority.split(":")[0] if authority.count(":") == 1 else authority
