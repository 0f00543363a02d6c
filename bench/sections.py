"""The run: its sections one after another, each with a time budget; none stops the others."""

from __future__ import annotations

import contextlib
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench import (
    fanout,
    growth,
    handshakes,
    measure,
    open_loop,
    waiting,
    waiting_certs,
    waiting_docker,
)
from bench.budget import Budget, OverBudgetError
from bench.contenders import Contender
from bench.docker import Containers
from bench.errors import LoadError
from bench.field import Field
from bench.messages import Case
from bench.ours import Home
from bench.plan import Plan
from bench.programs import MissingError, Programs
from bench.results import Result
from bench.rows import Compared, Table

log = logging.getLogger(__name__)

_UNLIMITED = 3600.0  # seconds, of a section without a budget
_CROWD = 100  # connections that take longer to open than a window lasts


@dataclass
class Run:
    """keep: called after each section, with what was found until then."""

    plan: Plan
    home: Home
    containers: Containers
    most: int  # connections
    result: Result
    keep: Callable[[Result], None]

    def __post_init__(self) -> None:
        self._whole = Budget(self.plan.total)

    def all(self) -> None:
        """What matters most comes first: the last sections are cut where time runs out."""
        if self.plan.make and not self.containers.why:
            self._section("images", lambda _: self.containers.build())
        with self._programs("field") as programs:
            self._echoes(programs)
        self._section("fan-out", self._fanout)
        self._section("growth", self._growth)
        if self.plan.make:
            self._waiting()

    def _echoes(self, programs: Programs) -> None:
        plan, result, found = self.plan, self.result, list[Contender]()

        def proxies(budget: Budget) -> None:
            found.extend(self._found(self._field.proxies(programs)))
            self._tables(found, plan.proxies, Compared.PROXY, result.proxies, budget)

        def servers(budget: Budget) -> None:
            servers = self._found(self._field.servers(programs, found[0]))
            self._tables(servers, plan.servers, Compared.APP, result.servers, budget)

        def deflate(budget: Budget) -> None:
            offers = self._found(self._field.deflate(programs, found[0]))
            self._tables(offers, plan.deflate, Compared.APP, result.deflate, budget)

        self._section("proxies", proxies)
        if not found or found[0].missing:
            return  # the stack itself does not run: nothing to compare with
        self._section("servers", servers)
        self._section("deflate", deflate)
        self._section("open loop", lambda _: self._open_loop(found))
        self._section("handshakes", lambda budget: self._handshakes(found, budget))

    def _open_loop(self, found: Sequence[Contender]) -> None:
        case = self.plan.open_loop
        tables = [table for table in self.result.proxies if table.case == case]
        if not tables:
            raise MissingError(f"there is no capacity of {case.label} to send half of")
        rate = min(row.per_second for row in tables[0].rows if not row.missing) / 2
        self.result.opened = open_loop.compare(
            *(found, case, rate, self._trusted),
            rounds=1 if self.plan.quick else min(self.plan.rounds, 3),
            seconds=3 * self.plan.seconds,
        )

    def _handshakes(self, found: Sequence[Contender], budget: Budget) -> None:
        for group in handshakes.GROUPS:
            budget.check(f"handshakes with {group}")
            self.result.shaken.append(
                handshakes.compare(
                    *(found, group, self.home.root),
                    rounds=self.plan.rounds,
                    seconds=self.plan.seconds,
                )
            )

    def _fanout(self, budget: Budget) -> None:
        with self._programs("chat") as programs:
            found = self._field.chats(programs, quick=self.plan.quick)
            chats = [measure.settled(one) for one in found]
            for clients in self.plan.fanout:
                budget.check(f"fan-out to {clients} clients")
                self.result.fanouts.append(
                    fanout.compare(
                        *(chats, clients, self._trusted),
                        rounds=self._rounds(clients),
                        seconds=self.plan.seconds,
                    )
                )

    def _growth(self, budget: Budget) -> None:
        """Of young programs: what one has had once, it keeps."""
        self.containers.down()
        steps = sorted({min(step, self.most) for step in self.plan.growth})
        for number, entry in enumerate(self._field.cold(quick=self.plan.quick)):
            budget.check(f"growth of {entry.name}")
            with self._programs(f"cold-{number}") as programs:
                contender = self._found([entry.started(programs)])[0]
                grown = growth.grow(contender, steps, self._trusted, self.plan.seconds)
                self.result.grown.append(grown)

    def _waiting(self) -> None:
        waits, folder, rounds = self.result.waits, self.home.folder, self.plan.make

        def local(budget: Budget) -> None:
            waiting.on_make(folder, rounds, waits, budget)
            waiting.on_saved(folder, 2 * rounds, waits, budget)
            budget.check(waiting.COLD)
            waiting.on_cold_make(folder, waits)

        def docker(budget: Budget) -> None:
            self.result.images.update(self.containers.sizes())
            waiting_docker.on_compose(
                *(self.containers, self.home, self._trusted, rounds, waits, budget)
            )

        self._section("waiting", local)
        self._section("waiting in Docker", docker)
        self._section("make certs", lambda b: waiting_certs.on_certs(folder, rounds, waits, b))

    def _tables(
        self,
        contenders: Sequence[Contender],
        cases: Sequence[Case],
        compared: Compared,
        into: list[Table],
        budget: Budget,
    ) -> None:
        """Raises OverBudgetError."""
        for number, case in enumerate(cases):
            budget.check("; ".join(left.label for left in cases[number:]))
            into.append(
                measure.compare(
                    *(contenders, case, self._trusted),
                    rounds=self._rounds(case.connections),
                    seconds=self.plan.seconds,
                    compared=compared,
                )
            )

    def _rounds(self, connections: int) -> int:
        return min(self.plan.rounds, 3) if connections > _CROWD else self.plan.rounds

    def _found(self, contenders: Sequence[Contender]) -> list[Contender]:
        return [measure.ready(one, self._trusted) for one in contenders]

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self.home.mint()

    @cached_property
    def _field(self) -> Field:
        self.home.mint()
        return Field(self.home, self.containers)

    @contextlib.contextmanager
    def _programs(self, name: str) -> Iterator[Programs]:
        programs = Programs(self.home.folder / name)
        try:
            yield programs
        finally:
            programs.stop()

    def _section(self, name: str, part: Callable[[Budget], None]) -> None:
        """Turns what goes wrong within it into a note."""
        started = time.monotonic()
        budget = Budget(min(self.plan.budgets.get(name, _UNLIMITED), self._whole.left))
        try:
            budget.check("all of it")
            part(budget)
        except (OverBudgetError, MissingError, LoadError) as error:
            log.warning("%s: %s", name, error)
            self.result.notes.append(f"{name}: {error}")
        except Exception as error:  # the other sections can still be measured
            log.exception("%s", name)
            self.result.notes.append(f"{name}: stopped by {type(error).__name__}: {error}")
        finally:
            self.result.took[name] = round(time.monotonic() - started, 1)
            self.keep(self.result)
