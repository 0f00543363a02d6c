"""A result as Markdown: what bench/out/report.md has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import figures, tables
from bench.results import Result

_HOW = """\
The contenders take turns, round after round, and each row has the medians of its rounds. *Proxy*
and *app* are microseconds of CPU for each echo, as the system counts them for the processes; in
Docker the engine's port forwarding is the proxy's. *Load* is what the load generator used, in
neither. *Spread*: half of the rounds are within it; a row above {limit} is marked `noisy` and is no
result. *Ours / this*, the median of the ratios round by round, is below 1 where the stack takes
less. In the closed loop each connection sends a message, waits for its echo, and sends again.
"""


def markdown(result: Result, pictures: str = "") -> str:
    """The tables, with what they are worth in front: before any picture too."""
    parts = [
        verdict(result),
        f"Taken on {result.taken}: {result.machine}. {_plan(result)}",
        *_notes(result.notes),
        _HOW.format(limit=f"{figures.ROW_LIMIT:.0%}"),
        *([pictures] if pictures else []),
        *tables.echoes("In front of the app", result.proxies),
        *tables.echoes("Behind nginx", result.servers),
        *tables.echoes("permessage-deflate, offered by the client", result.deflate),
        *tables.opened(result.opened),
        *tables.handshakes(result.shaken),
        *tables.fanout(result.fanouts),
        *tables.growth(result.grown),
        *tables.waiting(result.waited),
        *tables.images(result.images),
        *_took(result),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def verdict(result: Result) -> str:
    noise = result.noise
    if noise.why_no_result:
        return f"**Too noisy: this run is no result** ({noise.why_no_result})."
    return (
        f"Other programs took {noise.others:.0%} of the machine; {noise.noisy} of {noise.rows} "
        "rows are noisy."
    )


def _plan(result: Result) -> str:
    quick = " It is the short form, which shows that it works and no more." if result.quick else ""
    return (
        f"{result.rounds} rounds of {result.seconds:g} s; at most 3 where many connections are "
        f"opened, and in the open loop.{quick}"
    )


def _notes(notes: Sequence[str]) -> Iterable[str]:
    if notes:
        yield "Left out of this run:\n" + "".join(
            f"\n- {' '.join(note.split())[:400]}" for note in notes
        )


def _took(result: Result) -> Iterable[str]:
    if result.took:
        each = ", ".join(f"{name} {seconds:.0f}" for name, seconds in result.took.items())
        yield f"Seconds of the run: {each}; {sum(result.took.values()):.0f} in all."
