"""Where the stack wants to stand, and whether a run found it there.

Reasons are chosen by what was measured: one is only shown where the figure falls short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bench import contenders, waiting
from bench.contenders import DOCKER, NO_TLS, OURS, UVICORN_TLS
from bench.findings import Step
from bench.results import Result
from bench.rows import Row, Table

_KIB = 1024


class Verdict(StrEnum):
    MET = "met"
    SHORT = "falls short"
    NOISY = "too noisy: no result"
    MISSING = "not measured"


@dataclass(frozen=True)
class Judged:
    what: str
    found: str
    wanted: str
    verdict: Verdict
    why: str = ""  # where it falls short


def judge(result: Result) -> list[Judged]:
    """A row for each target, in a fixed order. A run that is no result meets none."""
    judged = [
        *(_proxy(result, *one) for one in _PROXIES),
        _app(result),
        _deflate(result),
        _idle(result),
        _held(result),
        _handshake(result),
        *_waiting(result),
    ]
    if not result.noise.why_no_result:
        return judged
    measured = (Verdict.MET, Verdict.SHORT)
    return [
        replace(one, verdict=Verdict.NOISY, why="") if one.verdict in measured else one
        for one in judged
    ]


# Size, the share of the best peer's CPU that is wanted, and why it may be more.
_PROXIES = (
    (
        128,
        1.0,
        "what is left is system calls: nginx reads and writes once in each direction, as its "
        "peers do. Tried without a gain: `stream` instead of `http`, AES-128, kTLS, `reuseport`; "
        "the Unix socket to the app, which saves about a tenth, is in use",
    ),
    (
        16 * _KIB,
        0.75,
        "buffers of 32 KiB for a tunnel, the lever for messages of this size, are in use; what "
        "larger ones bring was not found out. The rest is encryption and copies, which all pay",
    ),
    (
        256 * _KIB,
        0.75,
        "encryption and copies grow with each byte and are the same for all; buffers of 32 KiB, "
        "the lever for messages of this size, are in use",
    ),
)


def _proxy(result: Result, size: int, share: float, why: str) -> Judged:
    table = _table(result.proxies, size, 32)
    label = f"{size // _KIB} KiB" if size >= _KIB else f"{size} B"
    wanted = "at or below the best peer" if share == 1 else f"<= {share} of the best peer"
    return _against(
        *(f"proxy CPU an echo, {label}", wanted, table, share, why), lambda row: row.proxy or 0.0
    )


def _app(result: Result) -> Judged:
    return _against(
        "app CPU an echo, 128 B",
        "<= 0.9 of the best other server",
        _table(result.servers, 128, 32),
        0.9,
        "the framework (Starlette) and the protocol (websockets) take most of it, and the other "
        "servers run the same framework; the stack's own share, the loop, logs and the tally of "
        "the endpoint, is small",
        lambda row: row.app,
    )


def _against(
    what: str,
    wanted: str,
    table: Table | None,
    share: float,
    why: str,
    cost: Callable[[Row], float],
) -> Judged:
    ours = table.row(OURS) if table else None
    others = [] if not table else [row for row in table.rows if _is_peer(row) and cost(row)]
    if not ours or not others:
        return Judged(what, "-", wanted, Verdict.MISSING)
    best = min(others, key=cost)
    ratio = cost(ours) / cost(best)
    found = f"{cost(ours):.0f} µs; {best.contender} {cost(best):.0f}: {ratio:.2f} of it"
    if ours.is_noisy or best.is_noisy:
        return Judged(what, found, wanted, Verdict.NOISY)
    return _judged(what, found, wanted, met=ratio <= share, why=why)


def _is_peer(row: Row) -> bool:
    return not row.missing and row.contender not in (OURS, DOCKER, UVICORN_TLS, NO_TLS)


def _deflate(result: Result) -> Judged:
    what, wanted = "app CPU where the client offers deflate", "no dearer than without the offer"
    pairs = [
        (table, table.row(contenders.NOT_OFFERED), table.row(contenders.OFFERED))
        for table in result.deflate
    ]
    found = [(t.case.size_label, a, b) for t, a, b in pairs if a and b and a.app]
    if not found:
        return Judged(what, "-", wanted, Verdict.MISSING)
    text = ", ".join(f"{label} {a.app:.0f} -> {b.app:.0f}" for label, a, b in found) + " µs"
    if any(a.is_noisy or b.is_noisy for _, a, b in found):
        return Judged(what, text, wanted, Verdict.NOISY)
    # Two windows of the same program differ by this much.
    met = all(b.app <= a.app * (1 + max(a.spread, b.spread, 0.05)) for _, a, b in found)
    why = "WS_DEFLATE is off, so the offer is declined: the difference is in the handshake alone"
    return _judged(what, text, wanted, met=met, why=why)


def _largest(result: Result, contender: str) -> Step | None:
    steps = [step for one in result.grown if one.contender == contender for step in one.steps]
    return steps[-1] if steps else None


def _idle(result: Result) -> Judged:
    what, wanted = "memory of an idle connection, proxy / app", "<= 45 + 15 KiB"
    steps = [s for one in result.grown if one.contender == OURS for s in one.steps]
    step = next((s for s in steps if s.connections == 1000), None)
    if not step or step.proxy_kib is None or step.app_kib is None:
        return Judged(what, "-", wanted, Verdict.MISSING)
    found = f"{step.proxy_kib:.0f} + {step.app_kib:.0f} KiB at 1000"
    short = []
    if step.proxy_kib > 45:
        short.append(
            "TLS is half of it, the rest two connections' pools and a tunnel's buffers. 4 KiB "
            "buffers save 8 to 10 KiB and double the CPU of large messages; ssl_buffer_size, "
            "smaller pools, a fixed leaf path and TLS 1.2 alone save 2 KiB each at most"
        )
    if step.app_kib > 15:
        short.append(
            "in the app it is objects of Starlette, uvicorn and websockets; the stack's own "
            "queue is one that takes no memory while it is empty"
        )
    return _judged(what, found, wanted, met=not short, why="; ".join(short))


def _held(result: Result) -> Judged:
    what, wanted = "connections held at once", "10 000 in both modes"
    held = {name: _largest(result, name) for name in (OURS, DOCKER)}
    if not any(held.values()):
        return Judged(what, "-", wanted, Verdict.MISSING)
    counts = {name: step.connections if step else 0 for name, step in held.items()}
    found = f"{counts[OURS]} without Docker, {counts[DOCKER] or 'not measured'} in Docker"
    was_started = any(one.contender == DOCKER and one.version for one in result.grown)
    if not was_started and counts[OURS] >= 10_000:
        return Judged(what, found, wanted, Verdict.MISSING)
    why = [one.missing for one in result.grown if one.contender in held and one.missing]
    if was_started and counts[DOCKER] < counts[OURS]:
        why.append(
            "the engine's port forwarder (docker-proxy) opens six files for each connection, and "
            "ends where it reaches its limit; connections to the container's own address have none"
        )
    limit = (
        f"MAX_CONNECTIONS, or this machine's limit of open files, allowed {max(counts.values())}"
    )
    met = min(counts.values()) >= 10_000
    return _judged(what, found, wanted, met=met, why="; ".join(why) or limit)


def _handshake(result: Result) -> Judged:
    what = "CPU of a handshake (X25519)"
    wanted = "that of the best nginx on the machine"
    by_name = {row.contender: row for row in result.handshakes("X25519")}
    ours = by_name.get(OURS)
    if not ours:
        return Judged(what, "-", wanted, Verdict.MISSING)
    found = f"{ours.server / 1e3:.2f} ms ({ours.version})"
    noisy = [ours]
    others = [row for name, row in by_name.items() if "nginx" in name or name == DOCKER]
    best = min(others, key=lambda row: row.server, default=None)
    if best:
        found += f"; {best.server / 1e3:.2f} ms {best.contender} ({best.version})"
        noisy.append(best)
    if any(row.spread > 0.1 for row in noisy):
        return Judged(what, found, wanted, Verdict.NOISY)
    met = not best or ours.server <= 1.05 * best.server
    why = (
        "the better build is not an nginx that local mode may take: one on PATH is taken only "
        "where it is new enough (`make status` names the one in use), and Docker's is in its image"
    )
    return _judged(what, found, wanted, met=met, why=why)


_WAITS = (
    (waiting.WARM, 1.5, "most of it is the start of Python and nginx, one after the other"),
    (waiting.NOTHING, 0.5, "imports of Python, and a handshake that proves that all answers"),
    (waiting.STATUS, 0.4, "imports of Python, and a handshake that proves that all answers"),
)


def _waiting(result: Result) -> Iterator[Judged]:
    for what, wanted, why in _WAITS:
        waited = result.waited_for(what)
        text = f"{wanted} s"
        if not waited:
            yield Judged(what, "-", text, Verdict.MISSING)
        else:
            found = f"{waited.seconds:.2f} s"
            yield _judged(what, found, text, met=waited.seconds <= wanted, why=why)


def _judged(what: str, found: str, wanted: str, *, met: bool, why: str) -> Judged:
    return Judged(what, found, wanted, Verdict.MET if met else Verdict.SHORT, "" if met else why)


def _table(tables: list[Table], size: int, connections: int) -> Table | None:
    wanted = (size, connections)
    return next((t for t in tables if (t.case.size, t.case.connections) == wanted), None)
