"""A whole fleet through Prometheus: its groups' figures, who answers, and its worst servers, in a fixed number of queries."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.gpu import GpuReading
from console.domain.prospect import Asking, PrometheusReading, TargetsReading
from console.domain.sample import Part, Spread
from console.domain.text import visible
from console.ports import Clock, Source
from console.sources._prometheus_gpus import dcgm_gpus
from console.sources._prometheus_groups import Answers, Groups
from console.transport._prometheus_series import Grid
from console.transport.kit import Kit
from console.transport.promql_client import AT_ONCE, SECONDS, PromqlClient, Rows
from console.transport.promql_figures import FleetFigures
from console.transport.promql_fleet import Lens, Query
from console.transport.promql_learned import Learned, learned
from console.transport.promql_past import GROUPS

NAME = "prometheus"
# Who scrapes what, and how often, changes seldom; of one that has just begun little is known at first.
LEARN_EVERY_S, LEARN_AGAIN_S = 300.0, 10.0
_STEP_S = 2.0
# Prometheus answers others, too: at most a quarter of its time is asked for.
_SHARE = 4
_MOST_NOTES = 5
_LATE = Failure(
    FailureKind.TIMEOUT,
    NAME,
    f"{NAME}: no time left of {SECONDS:g} s for all queries",
    "narrow the fleet's selector, or group by fewer labels",
)
_HINT = "triton-console doctor tells each query, its time and its series"


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source where the fleet is seen through its Prometheus."""
    return [PrometheusSource(fleet, kit.clock)] if fleet.through_prometheus else []


class _Answer(NamedTuple):
    asking: Asking
    rows: Rows | None
    failure: Failure | None


class PrometheusSource:
    """Asks every query of a refresh at one moment of Prometheus's own time, within one deadline."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self.name = NAME
        self.target: str | None = None
        self.every = fleet.refresh
        self.timeout = 2 * SECONDS
        self._fleet = fleet
        self._clock = clock
        self._client = PromqlClient(fleet)
        self._learned: Learned | None = None
        self._learn_at = self._apart = 0.0
        self._groups = Groups(fleet)

    async def poll(self) -> Spread:
        """Every group's figures; SourceError where its requests cannot be counted."""
        known = await self._learn()
        lens = Lens(self._fleet, known.window_s)
        at = self._clock.monotonic() + known.ahead_s
        began = self._clock.monotonic()
        answers = await self._ask_all(lens.queries(self._groups.without), at)
        self.every = max(self._fleet.refresh, _SHARE * (self._clock.monotonic() - began))
        # The first two tell when servers were scraped and what they served: without that there is nothing to say.
        missing = next((answer.failure for answer in answers[:2] if answer.failure is not None), None)
        if missing is not None:
            self._learned = None
            raise SourceError(missing)
        return await asyncio.to_thread(self._spread, known, at, answers)

    async def close(self) -> None:
        """Let go of Prometheus."""
        await self._client.close()

    async def _learn(self) -> Learned:
        now = self._clock.monotonic()
        apart = self._clock.now() - now
        # After a machine has slept its monotonic time lags, and nobody else's: figures of then would pass for those of now.
        if self._learned is None or now >= self._learn_at or abs(apart - self._apart) > _STEP_S:
            self._apart = apart
            sure = self._learned is not None and self._learned.scrape_s is not None
            self._learned = await learned(self._client, self._fleet, self._clock)
            self._learn_at = now + (LEARN_EVERY_S if sure else LEARN_AGAIN_S)
        return self._learned

    async def _ask_all(self, queries: Sequence[Query], at: float) -> list[_Answer]:
        loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
        deadline = loop.time() + SECONDS

        async def ask(query: Query) -> _Answer:
            async with turn:
                return await self._ask(query, at, deadline - loop.time())

        return await asyncio.gather(*map(ask, queries))

    async def _ask(self, query: Query, at: float, seconds: float) -> _Answer:
        began = self._clock.monotonic()
        asking = Asking(query.purpose, query.text, 0.0, 0)
        if seconds <= 0:
            return _Answer(asking._replace(problem=_LATE.message), None, _LATE)
        try:
            rows = await self._client.query(query.text, at, seconds)
        except SourceError as error:
            took = self._clock.monotonic() - began
            failure = error.failure
            return _Answer(
                asking._replace(seconds=took, problem=visible(failure.message, 300)), None, failure
            )
        took = self._clock.monotonic() - began
        return _Answer(asking._replace(seconds=took, series=len(rows.rows)), rows, None)

    def _spread(self, known: Learned, at: float, answers: Sequence[_Answer]) -> Spread:
        """The answers as samples of the groups and of the fleet; in a thread, since they may be long."""
        figures = FleetFigures(self._fleet.by, Grid(at, 1.0, 1))
        *told, dcgm = answers
        for answer in told:
            if answer.rows is not None:
                figures.take(answer.rows.rows)
        whole = not any(answer.rows.warnings for answer in told if answer.rows is not None)
        seen = Answers(figures, at, known, whole)
        groups = self._groups.take(seen)
        gpus = dcgm_gpus(dcgm.rows.rows) if dcgm.rows is not None else ()
        parts = [
            Part(GROUPS, None, TargetsReading(groups.targets)),
            *groups.parts,
            *([Part(f"dcgm:{NAME}", None, GpuReading(gpus))] if gpus else []),
        ]
        reading = PrometheusReading(
            at=at,
            groups=groups.groups,
            worst=groups.worst,
            asked=tuple(answer.asking for answer in answers),
            flavour=known.flavour,
            scrape_s=known.scrape_s,
            window_s=known.window_s,
            notes=(*_noted(answers), *groups.notes),
        )
        return Spread(tuple(parts), reading)


def _noted(answers: Sequence[_Answer]) -> Iterator[str]:
    """What was not answered, and what the answers warn of, each once."""
    failed = [answer for answer in answers if answer.failure is not None]
    for asking, _, failure in failed[:_MOST_NOTES]:
        said = asking.problem.removeprefix(f"{NAME}: ")
        yield f"{NAME} does not tell {asking.purpose}: {said}" + (f" ({failure.hint})" if failure else "")
    if len(failed) > _MOST_NOTES:
        yield f"{NAME} does not tell {len(failed) - _MOST_NOTES} more things ({_HINT})"
    warnings = dict.fromkeys(said for answer in answers if answer.rows for said in answer.rows.warnings)
    for warning in list(warnings)[:_MOST_NOTES]:
        yield f"{NAME} warns: {warning}"
