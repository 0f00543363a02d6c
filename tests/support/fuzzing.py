"""What hypothesis tries on parsers."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# The same tries in each run, so that a failure of CI is one here. No folder of examples.
fuzzed = settings(
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_PIECES = (
    *("localhost", "a", "xn--", "xn--mnchen-3ya", "ü", "ß", "。", "٣", "\u200d", "-", "_", "*"),
    *(".", "..", "*.", ":", "::", "[", "]", "%", "%eth0", "fd00::1", "127.0.0.1", "10.0.0.0"),
    *("/", "/8", "/0", "//", "http", "https", "ws", "null", "file:", "=", ",", " ", "\t", "\n"),
    *("0", "1", "80", "443", "65535", "65536", "auto", "9" * 400, "#", "$", "'", '"', "\\"),
    *("\udcff", "\u0130", "\u202e", "\x7f", "k", "m", "~", "../", "app:app"),
)
# As the environment of a process has it: anything but NUL.
texts = st.lists(
    st.sampled_from(_PIECES)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3),
    max_size=8,
).map("".join)
