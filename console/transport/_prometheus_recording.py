"""What a Prometheus scraped of a fleet, as a recording in memory."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.recording import Frame, Session
from console.domain.sample import Sample
from console.domain.triage import Walk
from console.transport._prometheus_changes import Scrape, changes
from console.transport._prometheus_series import Grid, ProcessSeries


class Scraped(NamedTuple):
    """Every step of a grid, and what was scraped of each target at it: its processes by name, best known first.

    ``skew`` is how many seconds Prometheus's clock is ahead of the console's.
    """

    grid: Grid
    targets: Mapping[str, Sequence[ProcessSeries]]
    skew: float = 0.0


class ScrapedRecording:
    """``ports.Recording`` of one session; a frame for each step, its samples as old as Prometheus's newest scrape then.

    A target has no sample in a frame when nothing new was scraped of it. Monotonic time is the epoch's.
    """

    def __init__(self, path: str, fleet: Fleet, scraped: Scraped, problems: Sequence[str]) -> None:
        self.path = path
        self.problems = problems
        self.walks: Sequence[Walk] = ()
        self._scraped = scraped
        self._times = [at - scraped.skew for at in scraped.grid.times]
        self._chosen = {name: _chosen(scraped.grid, every) for name, every in scraped.targets.items()}
        seen = [step for chosen in self._chosen.values() for step, found in enumerate(chosen) if found]
        self._steps = range(min(seen), max(seen) + 1) if seen else range(0)
        self.sessions: Sequence[Session] = (Session(fleet, self.since),)
        told = (marker for name in scraped.targets for marker in changes(name, self._scrapes(name)))
        self.markers: Sequence[Marker] = tuple(sorted(told, key=attrgetter("at")))

    @property
    def empty(self) -> bool:
        """Whether no target was scraped at any step."""
        return not self._steps

    @property
    def since(self) -> float:
        """Time of the first frame, epoch seconds."""
        return self._times[self._steps[0]] if self._steps else 0.0

    @property
    def until(self) -> float:
        """Time of the last frame."""
        return self._times[self._steps[-1]] if self._steps else 0.0

    def frames(
        self,
        since: float = -np.inf,
        until: float = np.inf,
        *,
        sparse: bool = False,  # noqa: ARG002 - steps are sparse
    ) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last one at or before ``since`` on."""
        begun = [step for step in self._steps if self._times[step] <= since]
        for step in self._steps[len(begun[:-1]) :]:
            if self._times[step] > until:
                return
            yield self._frame(step)

    def _scrapes(self, target: str) -> Iterator[Scrape]:
        """Every scrape of a target, by the console's clock."""
        for step, process in enumerate(self._chosen[target]):
            if process is not None:
                yield Scrape(float(process.scraped[step]) - self._scraped.skew, process.counters(step))

    def close(self) -> None:
        """Nothing is open."""

    def _frame(self, step: int) -> Frame:
        at = self._times[step]
        every = self._scraped.grid.step
        samples = (
            Sample(f"triton:{name}", name, at, at, 0.0, every, process.reading(step, at), None)
            for name, chosen in self._chosen.items()
            if (process := chosen[step]) is not None
        )
        told = self._told(step)
        return Frame(0, at, at, (*samples, *told), told)

    def _told(self, step: int) -> tuple[Marker, ...]:
        """The changes that this step is the first to tell: inputs, since no store sees them in counters."""
        since = self._times[step - 1] if step > self._steps[0] else -np.inf
        return tuple(marker for marker in self.markers if since < marker.at <= self._times[step])


def _chosen(grid: Grid, processes: Sequence[ProcessSeries]) -> list[ProcessSeries | None]:
    """By step, the best known process that was scraped since the step before; None where none was.

    Prometheus repeats the last value for minutes: a scrape that is older than a step, or was told before, is not new.
    """
    chosen: list[ProcessSeries | None] = []
    newest = -np.inf
    for step, at in enumerate(grid.times):
        fresh = (p for p in processes if p.scraped[step] > max(newest, at - grid.step))
        process = next(fresh, None)
        newest = newest if process is None else float(process.scraped[step])
        chosen.append(process)
    return chosen
