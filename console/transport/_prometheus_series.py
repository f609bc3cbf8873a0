"""Series of one scraped process on a grid of steps, and the readings that they amount to."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.counters import Counters
from console.domain.families import ABSURD, BUCKETS, GPU_GAUGES, GROWING, HOST_GAUGES, ROWS, family_of
from console.domain.fleet import ModelVersion
from console.domain.gpu import gauged
from console.domain.triton import Histogram, HostGauges, TritonReading
from console.transport._prometheus_answer import Row

Floats = NDArray[np.float64]
_SAME_S = 0.5


class Grid(NamedTuple):
    """Steps of time as ``query_range`` takes them: the first one (epoch seconds), seconds between them, how many."""

    start: float
    step: float
    steps: int

    @classmethod
    def over(cls, since: float, until: float, step: float) -> "Grid":
        """Steps that end at ``until`` and begin at or after ``since``."""
        count = max(1, int((until - since) / step) + 1)
        return cls(until - (count - 1) * step, step, count)

    @property
    def times(self) -> list[float]:
        """The time of each step."""
        return [self.start + number * self.step for number in range(self.steps)]

    def column(self, row: Row) -> Floats:
        """A series' value at each step, NaN where it has none or one that no counter of a real server has."""
        column = np.full(self.steps, np.nan)
        for at, text in row.values:
            number = (at - self.start) / self.step
            if -0.5 < number < self.steps - 0.5:
                column[round(number)] = _number(text)
        column[~(np.abs(column) < ABSURD)] = np.nan
        return column


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


class ProcessSeries:
    """All series of one scraped process; ``scraped`` is when the newest scrape of each step was made, NaN for none."""

    def __init__(self, steps: int) -> None:
        self.scraped = np.full(steps, np.nan)
        self._seen: dict[ModelVersion, Floats] = {}
        self._counters: dict[ModelVersion, dict[int, Floats]] = defaultdict(dict)
        self._gpus: dict[str, dict[str, Floats]] = defaultdict(dict)
        self._host: dict[str, Floats] = {}
        self._buckets: dict[ModelVersion, dict[float, Floats]] = defaultdict(dict)
        self._keys: tuple[ModelVersion, ...] = ()
        self._block = np.empty((steps, ROWS, 0))
        self._served: tuple[bytes, tuple[ModelVersion, ...]] = (b"", ())

    def see(self, labels: Mapping[str, str], times: Floats) -> None:
        """Remember when a version was in a scrape."""
        if "model" in labels:
            key = _key(labels)
            self._seen[key] = np.fmax(self._seen.get(key, times), times)
            self.scraped = np.fmax(self.scraped, times)

    def take(self, name: str, labels: Mapping[str, str], column: Floats) -> None:
        """Add one series; what nothing is derived from is left out, and what is left of a version that was in no scrape."""
        family = family_of(name, labels)
        served = "model" in labels and _key(labels) in self._seen
        if family is not None and served:
            rows, adding = self._counters[_key(labels)], family.row < GROWING
            rows[family.row] = _joined(rows.get(family.row), column * family.scale, adding=adding)
        elif name == BUCKETS and served:
            bounds, bound = self._buckets[_key(labels)], _number(labels.get("le", "inf"))
            bounds[bound] = _joined(bounds.get(bound), column, adding=True)
        elif name in GPU_GAUGES and labels.get("gpu_uuid"):
            self._gpus[labels["gpu_uuid"]][GPU_GAUGES[name]] = column
        elif name in HOST_GAUGES:
            self._host[HOST_GAUGES[name]] = column

    def settle(self) -> None:
        """Everything is there: lay the counters out by step."""
        self._keys = tuple(sorted(self._counters))
        self._block = np.full((len(self.scraped), ROWS, len(self._keys)), np.nan)
        for place, key in enumerate(self._keys):
            for row, column in self._counters[key].items():
                self._block[:, row, place] = column
            # Not every Prometheus is told that a series has ended: its last value is no news of a version that went.
            gone = self._seen[key] < self.scraped - _SAME_S
            self._block[gone, :, place] = np.nan
        self._counters.clear()

    def counters(self, step: int) -> Counters:
        """The counters of what had any; their keys are the same object from step to step while nothing came or went."""
        values = self._block[step]
        served = np.isfinite(values).any(axis=0)
        if served.tobytes() != self._served[0]:
            keys = tuple(key for key, is_there in zip(self._keys, served, strict=True) if is_there)
            self._served = (served.tobytes(), keys)
        return Counters(self._served[1], values[:, served])

    def reading(self, step: int, at: float) -> TritonReading:
        """What the process said at a step, as a poll at that time (seconds) would tell it."""
        return TritonReading(
            counters=self.counters(step),
            counters_at=at,
            histograms={key: found for key in self._buckets if (found := self._histogram(key, step))} or None,
            gpus=tuple(gauged(uuid, _known(fields, step)) for uuid, fields in sorted(self._gpus.items())),
            host=HostGauges(**_known(self._host, step)),
        )

    def _histogram(self, key: ModelVersion, step: int) -> Histogram | None:
        counts = [(bound, float(column[step])) for bound, column in sorted(self._buckets[key].items())]
        known = [(bound, count) for bound, count in counts if np.isfinite(count)]
        return Histogram(tuple(b for b, _ in known), tuple(c for _, c in known)) if known else None


def _key(labels: Mapping[str, str]) -> ModelVersion:
    return ModelVersion(labels["model"], labels.get("version", ""))


def _joined(known: Floats | None, column: Floats, *, adding: bool) -> Floats:
    """Two series of one place, as a model spread over GPUs has them: what grows is added, else the last counts."""
    if known is None:
        return column
    both = known + column if adding else column
    return np.where(np.isnan(known), column, np.where(np.isnan(column), known, both))


def _known(fields: Mapping[str, Floats], step: int) -> dict[str, float]:
    return {name: float(column[step]) for name, column in fields.items() if np.isfinite(column[step])}
