"""What a Prometheus remembers of a fleet that is seen through it, as a recording in memory: the same figures, step by step."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Target
from console.domain.marker import Marker
from console.domain.prospect import TargetsReading
from console.domain.recording import Frame, Session
from console.domain.sample import Sample
from console.domain.text import visible
from console.domain.triage import Walk
from console.domain.triton import TritonReading
from console.ports import Clock, Recording
from console.transport._prometheus_series import Grid
from console.transport.promql_client import AT_ONCE, PromqlClient
from console.transport.promql_counters import Sums
from console.transport.promql_figures import FleetFigures, GroupFigures
from console.transport.promql_fleet import ANCHOR, Lens, Query
from console.transport.promql_learned import Learned, learned

SECONDS = 7.0
STEP_S = 15.0
MOST_GROUPS = 100
_MOST_STEPS, _LEAST_STEPS = 240, 12
# Rates of one family: of a large fleet there are fewer steps, each over a longer window.
_MOST_RATES = 250_000
GROUPS = "prometheus:groups"
"""The source that tells which groups there are."""
# When servers were scraped, and what they served.
_NEEDED = 2


async def fleet_past(fleet: Fleet, clock: Clock, since: float) -> Recording | None:
    """The fleet's groups from then (epoch seconds) on, None where nothing was scraped; raises SourceError."""
    client = PromqlClient(fleet, SECONDS)
    try:
        return await _past(client, fleet, clock, since)
    finally:
        await client.close()


async def _past(client: PromqlClient, fleet: Fleet, clock: Clock, since: float) -> Recording | None:
    deadline = asyncio.get_running_loop().time() + SECONDS
    known = await learned(client, fleet, clock)
    now = clock.monotonic() + known.ahead_s
    ahead = now - clock.now()
    grid = await _grid(client, fleet, (since + ahead, now))
    lens = Lens(fleet, _window(known, grid))
    figures, problems = await _ask(client, grid, lens, deadline)
    return await asyncio.to_thread(_recording, fleet, figures, (known, grid, ahead), problems)


async def _grid(client: PromqlClient, fleet: Fleet, span: tuple[float, float]) -> Grid:
    """So many steps as can be asked for, of whole seconds: the client asks from whole seconds on."""
    since, until = span
    rows = (await client.query(f"count({Lens(fleet, 0).series(ANCHOR)})")).rows
    series = float(rows[0].value[1]) if rows and rows[0].value else 1.0
    most = min(_MOST_STEPS, max(_LEAST_STEPS, int(_MOST_RATES / max(series, 1.0))))
    step = float(math.ceil(max(STEP_S, (until - since) / most)))
    return Grid.over(since, float(int(until)), step)


def _window(known: Learned, grid: Grid) -> float:
    """No second of the stretch is left out, and enough scrapes are in it."""
    return max(known.window_s, grid.step + (known.scrape_s or 0.0))


async def _ask(
    client: PromqlClient, grid: Grid, lens: Lens, deadline: float
) -> tuple[FleetFigures, list[str]]:
    """What all queries tell; those that fail are named, but for those that nothing can do without."""
    loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
    figures, problems = FleetFigures(lens.by, grid), list[str]()
    failed: dict[int, SourceError] = {}

    async def ask(number: int, query: Query) -> None:
        async with turn:
            try:
                found = await client.query_range(query.text, grid, deadline - loop.time())
            except SourceError as error:
                failed[number] = error
                problems.append(f"{query.purpose}: {visible(str(error))}")
                return
        problems.extend(f"Prometheus warns: {warning}" for warning in found.warnings)
        figures.take(found.rows)

    past = [query for query in lens.queries(()) if query.past]
    await asyncio.gather(*(ask(number, query) for number, query in enumerate(past)))
    if failed and min(failed) < _NEEDED:
        raise failed[min(failed)]
    return figures, list(dict.fromkeys(problems))


def _recording(
    fleet: Fleet, figures: FleetFigures, when: tuple[Learned, Grid, float], problems: Sequence[str]
) -> Recording | None:
    known, grid, ahead = when
    groups = figures.groups(fleet.name, MOST_GROUPS)
    targets = tuple(Target(name, fleet.prometheus, fleet.prometheus, scraped=True) for name in groups)
    samples = {name: _samples(name, group, (known, grid, ahead)) for name, group in groups.items()}
    frames: list[Frame] = []
    for step, at in enumerate(time - ahead for time in grid.times):
        told = [sample for of in samples.values() for sample in of.get(step, ())]
        if told or frames:
            first = Sample(GROUPS, None, at, at, 0.0, grid.step, TargetsReading(targets), None)
            frames.append(Frame(0, at, at, (first, *told), ()))
    return GroupsRecording(fleet, frames, problems) if frames else None


def _samples(
    name: str, group: GroupFigures, when: tuple[Learned, Grid, float]
) -> Mapping[int, Sequence[Sample]]:
    """A group's samples by step, at the times of its scrapes as this console's clock had them."""
    known, grid, ahead = when
    sums, every = Sums(_window(known, grid)), max(grid.step, known.scrape_s or 0.0)
    found: dict[int, Sequence[Sample]] = {}
    for step in range(grid.steps):
        newest = group.count("newest", step)
        if newest is None:
            continue
        figures = group.step(step)
        found[step] = [
            Sample(
                f"triton:{name}",
                name,
                at - ahead,
                at - ahead,
                0.0,
                every,
                TritonReading(
                    live=True,
                    counters=counters,
                    counters_at=at - ahead,
                    histograms=histograms,
                    host=figures.host,
                ),
                None,
            )
            for at, counters, histograms in sums.add(newest, figures)
        ]
    return found


class GroupsRecording:
    """``ports.Recording`` of one session; monotonic time is the epoch's."""

    def __init__(self, fleet: Fleet, frames: Sequence[Frame], problems: Sequence[str]) -> None:
        self.path = f"Prometheus at {fleet.prometheus}"
        self.problems = problems
        self.walks: Sequence[Walk] = ()
        self.markers: Sequence[Marker] = ()
        self._frames = frames
        self.sessions: Sequence[Session] = (Session(fleet, self.since),)

    @property
    def since(self) -> float:
        """Time of the first frame, epoch seconds."""
        return self._frames[0].at

    @property
    def until(self) -> float:
        """Time of the last frame."""
        return self._frames[-1].at

    def frames(
        self,
        since: float = -math.inf,
        until: float = math.inf,
        *,
        sparse: bool = False,  # noqa: ARG002 - steps are sparse
    ) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last one at or before ``since`` on."""
        begun = [frame for frame in self._frames if frame.at <= since]
        after = (frame for frame in self._frames if since < frame.at <= until)
        return chain(begun[-1:], after)

    def close(self) -> None:
        """Nothing is open."""
