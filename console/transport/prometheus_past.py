"""The fleet's Prometheus as a past: what it scraped before the watch began, as frames that a store is fed with."""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import numpy as np

from console.domain.failure import SourceError
from console.domain.families import BUCKETS, FAMILIES, GPU_GAUGES, HOST_GAUGES
from console.domain.fleet import Fleet
from console.domain.recording import RecordingError
from console.domain.text import visible
from console.ports import Recording
from console.transport._prometheus_answer import Row
from console.transport._prometheus_http import PrometheusHttp
from console.transport._prometheus_instances import Instance, Matched, matched
from console.transport._prometheus_recording import Scraped, ScrapedRecording
from console.transport._prometheus_series import Floats, Grid, ProcessSeries
from console.transport.kit import Kit
from console.transport.prometheus_range import ANCHOR, PrometheusRange, identity, selector
from console.transport.promql_past import fleet_past

SECONDS = 6.0
STEP_S = 15.0
_MOST_STEPS = 240
# Values of one family: of a large fleet there are fewer steps.
_MOST_VALUES = 250_000
# Families have some series a version, by reason, quantile and bucket; more than that nobody counted before.
_SPLIT = 16
_AT_ONCE = 4
# A lesser difference of the clocks is the way of the answer.
_SKEW_S = 2.0
_SELDOM = 0.05
_FURTHER: tuple[tuple[str, ...], ...] = (
    *((name,) for name in FAMILIES if name != ANCHOR),
    (BUCKETS,),
    tuple(GPU_GAUGES),
    tuple(HOST_GAUGES),
)


_Processes = dict[tuple[str, ...], ProcessSeries]
"""The series of each scraped process, by the labels that tell it from the others."""


class PrometheusPast:
    """``ports.Past`` through ``query_range``: a fixed number of queries, whatever the fleet's size."""

    name = "Prometheus"

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._clock = kit.clock
        self._prometheus = PrometheusHttp(fleet, kit.http)
        self._path = f"Prometheus at {urlsplit(fleet.prometheus).netloc}"

    async def open(self, since: float) -> Recording | None:
        """The counters of every target from then (epoch seconds) on; raises RecordingError with what to do."""
        if not self._fleet.prometheus:
            return None
        try:
            if self._fleet.through_prometheus:
                return await fleet_past(self._fleet, self._clock, since)
            return await self._open(PrometheusRange(self._prometheus, SECONDS), since)
        except SourceError as error:
            raise RecordingError(str(error), error.failure.hint) from error

    async def _open(self, asking: PrometheusRange, since: float) -> Recording | None:
        now = self._clock.now()
        census = await asking.census(now - since)
        if not census.instances:
            return None
        whose = matched(self._fleet.targets, census.instances)
        if not whose.instances:
            hint = "its label `instance` should be the HOST:PORT of a target's metrics"
            raise RecordingError(whose.notes[0], hint)
        skew = census.now - now if abs(census.now - now) > _SKEW_S else 0.0
        mine = [instance for every in whose.instances.values() for instance in every]
        grid, processes = await _steps(asking, (since + skew, float(int(now + skew))), mine)
        problems = await _fill(asking, grid, processes, selector(mine))
        scraped = Scraped(grid, _by_target(whose, processes), skew)
        notes = (*whose.notes, *problems, *_clocks(skew))
        recording = await asyncio.to_thread(ScrapedRecording, self._path, self._fleet, scraped, notes)
        return None if recording.empty else recording


async def _steps(
    asking: PrometheusRange, span: tuple[float, float], mine: Sequence[Instance]
) -> tuple[Grid, _Processes]:
    """The steps to ask for, each as long as some whole scrapes, and who was scraped at which."""
    since, until = span
    most = min(_MOST_STEPS, max(1, _MOST_VALUES // max(1, sum(instance.series for instance in mine))))
    grid = Grid.over(since, until, float(math.ceil(max(STEP_S, (until - since) / most))))
    scraped = await _scraped(asking, grid, selector(mine))
    apart = _interval(process.scraped for process in scraped.values())
    step = float(math.ceil(grid.step / apart) * apart) if apart else grid.step
    if step == grid.step:
        return grid, scraped
    grid = Grid.over(since, until, step)
    return grid, await _scraped(asking, grid, selector(mine))


async def _scraped(asking: PrometheusRange, grid: Grid, matchers: str) -> _Processes:
    """Who was scraped, and which versions it had, at which step."""
    found = await asking.scrapes(grid, matchers)
    processes: _Processes = defaultdict(lambda: ProcessSeries(grid.steps))

    def see() -> None:
        for row in found.rows[: 2 * _MOST_VALUES // grid.steps]:
            processes[identity(row.metric)].see(row.metric, grid.column(row))

    await asyncio.to_thread(see)
    return dict(processes)


def _interval(scrapes: Iterable[Floats]) -> int:
    """Seconds between scrapes, or some of them where several fall into a step; 0 where nothing tells."""
    gaps: Counter[int] = Counter()
    for times in scrapes:
        gaps.update(np.rint(np.diff(np.unique(times[np.isfinite(times)]))).astype(int).tolist())
    # What is seldom is a scrape that came late.
    usual = [gap for gap, times in gaps.items() if gap > 0 and times > _SELDOM * gaps.total()]
    return math.gcd(*usual)


async def _fill(asking: PrometheusRange, grid: Grid, processes: _Processes, matchers: str) -> list[str]:
    """Take every family's series of those that were scraped; what was not told, a sentence each."""
    problems: list[str] = []
    turn, taking = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()

    async def take(names: Sequence[str]) -> None:
        async with turn:
            found = await asking.series(grid, names, matchers)
        problems.extend(f"Prometheus warns: {warning}" for warning in found.warnings)
        most = _SPLIT * _MOST_VALUES // grid.steps
        if len(found.rows) > most:
            problems.append(f"{names[0]} has {len(found.rows)} series: only {most} of them are filled in")
        async with taking:
            await asyncio.to_thread(_take, processes, grid, found.rows[:most])

    async def take_what_there_is(names: Sequence[str]) -> None:
        try:
            await take(names)
        except SourceError as error:
            problems.append(f"{names[0]} is not filled in: {visible(str(error))}")

    await take((ANCHOR,))
    await asyncio.gather(*(take_what_there_is(names) for names in _FURTHER))
    for process in processes.values():
        await asyncio.to_thread(process.settle)
    return list(dict.fromkeys(problems))


def _take(processes: _Processes, grid: Grid, rows: Iterable[Row]) -> None:
    for row in rows:
        process = processes.get(identity(row.metric))
        if process is not None:
            process.take(row.metric.get("__name__", ""), row.metric, grid.column(row))


def _by_target(whose: Matched, processes: _Processes) -> dict[str, list[ProcessSeries]]:
    return {
        name: [processes[instance.labels] for instance in mine if instance.labels in processes]
        for name, mine in whose.instances.items()
    }


def _clocks(skew: float) -> tuple[str, ...]:
    if not skew:
        return ()
    which = "ahead of" if skew > 0 else "behind"
    return (f"Prometheus's clock is {abs(skew):.0f} s {which} this one: its times were moved",)
