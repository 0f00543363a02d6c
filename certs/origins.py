"""ALLOWED_ORIGINS: further origins that nginx lets in, in the form that a browser sends."""

from __future__ import annotations

import re

from certs.errors import SettingError

_ORIGIN = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f]*:[0-9A-Fa-f:]+\])"
    r"(:[1-9][0-9]{0,4})?"
)
_DOT = re.compile(r"^(https?://[^/:]*[^/:.])\.(:[0-9]+)?$")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def parse(value: str) -> tuple[str, ...]:
    """Reads ALLOWED_ORIGINS, separated by spaces or commas. Raises SettingError."""
    origins = value.replace(",", " ").split()
    for origin in origins:
        if origin.lower() == "null" or origin.lower().startswith("file:"):
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} would let in every local file and every sandboxed "
                "page. Serve your page over http, "
                "python3 -m http.server 5173 --bind 127.0.0.1, and name that origin: "
                "ALLOWED_ORIGINS=http://localhost:5173"
            )
        sent = _as_sent(origin)
        if sent is None:
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is not an origin. Write it as the browser does, "
                "scheme://host or scheme://host:port, for example http://localhost:5173"
            )
        if sent != origin:
            raise SettingError(f"ALLOWED_ORIGINS: no browser sends {origin!r}; write {sent}")
    return tuple(map(_without_dot, origins))


def _without_dot(origin: str) -> str:
    """The origin without a dot at the end of its host. nginx removes that dot from the
    browser's origin (nginx/templates/origins.conf.template) and from $host as well."""
    return _DOT.sub(r"\1\2", origin)


def _as_sent(origin: str) -> str | None:
    """The origin as a browser sends it (RFC 6454, section 6.1): in lower case, without a
    default port. None for a text that is not an origin."""
    found = _ORIGIN.fullmatch(origin)
    if not found:
        return None
    scheme, host, port = found.groups(default="")
    # A ws:// URL is the address of the WebSocket; its page's origin has http.
    scheme = {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme.lower())
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}://{host}{port}"  # an app's or extension's own scheme
    return f"{scheme}://{host.lower()}" + ("" if port == _DEFAULT_PORTS[scheme] else port)
