"""Which origins besides its own nginx lets in: ALLOWED_ORIGINS, as a browser sends them."""

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
                f"ALLOWED_ORIGINS: {origin!r} is no page's own: any file sends null or file://, "
                "and any sandboxed page of the Web null. Serve yours over http, "
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
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is never what a browser sends; write {sent}"
            )
    return tuple(map(_without_dot, origins))


def _without_dot(origin: str) -> str:
    """localhost. is localhost: nginx takes the dot at the end off what a browser sends
    (nginx/templates/origins.conf.template), and off $host by itself."""
    return _DOT.sub(r"\1\2", origin)


def _as_sent(origin: str) -> str | None:
    """The origin as a browser sends it (RFC 6454, section 6.1): lower case, no default
    port. None for what is none. as_sent in nginx/entrypoint.sh is the same."""
    found = _ORIGIN.fullmatch(origin)
    if not found:
        return None
    scheme, host, port = found.groups(default="")
    # A WebSocket's own is where it leads, not where its page is.
    scheme = {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme.lower())
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}://{host}{port}"  # the rest is the program's own to read
    return f"{scheme}://{host.lower()}" + ("" if port == _DEFAULT_PORTS[scheme] else port)
