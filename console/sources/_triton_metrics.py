"""Triton's metrics as a matrix of counters, gauges and histograms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from console.domain.counters import Counters
from console.domain.families import (
    ABSURD,
    BUCKETS,
    FAMILIES,
    GPU_GAUGES,
    GROWING,
    HOST_GAUGES,
    ROWS,
    family_of,
)
from console.domain.fleet import ModelVersion
from console.domain.gpu import GpuSample, gauged
from console.domain.triton import Histogram, HostGauges
from console.sources._exposition import Scrape, Series, SeriesTable

_WANTED = frozenset((*FAMILIES, *GPU_GAUGES, *HOST_GAUGES, BUCKETS))
# About 0.5 KB each: room for ten thousand versions, and an end to a server that invents names.
SERIES_LIMIT = 500_000
_T = TypeVar("_T", bound=np.generic)


def series_table() -> SeriesTable:
    """A table that keeps only what the console derives from."""
    return SeriesTable(_WANTED.__contains__, SERIES_LIMIT)


class Layout(NamedTuple):
    """Where the samples of one scrape go; valid while the same series come in the same order."""

    ids: NDArray[np.int32]
    generation: int
    keys: tuple[ModelVersion, ...]
    taken: NDArray[np.intp]
    flat: NDArray[np.intp]
    scale: NDArray[np.float64]
    repeated: bool


class Others(NamedTuple):
    """What a scrape holds besides the counters."""

    host: HostGauges = HostGauges()
    gpus: tuple[GpuSample, ...] = ()
    histograms: Mapping[ModelVersion, Histogram] | None = None


class MetricsMap:
    """What each interned series means; shared by the targets, so that a name is read once."""

    def __init__(self, table: SeriesTable) -> None:
        self._table = table
        self._forget()

    def _forget(self) -> None:
        self._generation = self._table.generation
        self._known = 0
        self._row = np.empty(0, dtype=np.int16)
        self._version = np.empty(0, dtype=np.int32)
        self._scale = np.empty(0)
        self._special = np.empty(0, dtype=bool)
        self._versions: dict[ModelVersion, int] = {}

    def layout(self, scrape: Scrape, last: Layout | None) -> Layout:
        """The scrape's layout; ``last`` itself when the series are the same as then."""
        self.learn()
        same = last is not None and last.generation == scrape.generation
        if last is not None and same and np.array_equal(last.ids, scrape.ids):
            return last
        ids = scrape.ids
        taken = np.flatnonzero(self._row[ids] >= 0)
        columns, inverse = np.unique(self._version[ids[taken]], return_inverse=True)
        names = list(self._versions)
        keys = tuple(names[i] for i in columns)
        flat = self._row[ids[taken]].astype(np.intp) * len(keys) + inverse
        repeated = len(np.unique(flat)) < len(flat)
        if last is not None and last.keys == keys:
            keys = last.keys
        return Layout(ids, scrape.generation, keys, taken, flat, self._scale[ids[taken]], repeated)

    def counters(self, scrape: Scrape, layout: Layout) -> Counters:
        """The matrix of the model series; a model spread over GPUs has a series each, which are added."""
        size = ROWS * len(layout.keys)
        values = np.full(size, np.nan)
        scaled = scrape.values[layout.taken] * layout.scale
        scaled[~(np.abs(scaled) < ABSURD)] = np.nan
        values[layout.flat] = scaled
        if layout.repeated:
            growing = layout.flat < GROWING * len(layout.keys)
            sums = np.bincount(layout.flat[growing], scaled[growing], size)
            present = np.bincount(layout.flat[growing], minlength=size) > 0
            values[present] = sums[present]
        return Counters(layout.keys, values.reshape(ROWS, -1))

    def others(self, scrape: Scrape) -> Others:
        """Host gauges, GPUs and histograms of one scrape."""
        at = np.flatnonzero(self._special[scrape.ids])
        found = [
            (self._table.series(int(scrape.ids[i])), float(scrape.values[i]))
            for i in at
            if abs(scrape.values[i]) < ABSURD
        ]
        host = {HOST_GAUGES[s.name]: value for s, value in found if s.name in HOST_GAUGES}
        return Others(HostGauges(**host), _gpus(found), _histograms(found))

    def learn(self) -> None:
        """Read the series that the table has gained since the last call; often, each time it is a short stretch of work."""
        if self._generation != self._table.generation:
            self._forget()
        fresh = [self._table.series(i) for i in range(self._known, len(self._table))]
        if not fresh:
            return
        families = [family_of(series.name, series.labels) for series in fresh]
        self._row = _extended(self._row, [f.row if f else -1 for f in families])
        self._scale = _extended(self._scale, [f.scale if f else 0.0 for f in families])
        self._version = _extended(
            self._version, [self._number(s) if f else -1 for s, f in zip(fresh, families, strict=True)]
        )
        self._special = _extended(self._special, [s.name not in FAMILIES for s in fresh])
        self._known = len(self._table)

    def _number(self, series: Series) -> int:
        labels = series.labels
        key = ModelVersion(labels["model"], labels.get("version", ""))
        return self._versions.setdefault(key, len(self._versions))


def _extended(old: NDArray[_T], more: Sequence[float]) -> NDArray[_T]:
    return np.concatenate((old, np.array(more, dtype=old.dtype)))


def _gpus(found: Iterable[tuple[Series, float]]) -> tuple[GpuSample, ...]:
    by_uuid: dict[str, dict[str, float]] = defaultdict(dict)
    for series, value in found:
        uuid = series.labels.get("gpu_uuid")
        if uuid and series.name in GPU_GAUGES:
            by_uuid[uuid][GPU_GAUGES[series.name]] = value
    return tuple(gauged(uuid, fields) for uuid, fields in sorted(by_uuid.items()))


def _histograms(found: Iterable[tuple[Series, float]]) -> dict[ModelVersion, Histogram]:
    buckets: dict[ModelVersion, dict[float, float]] = defaultdict(dict)
    for series, value in found:
        if series.name == BUCKETS and "model" in series.labels:
            key = ModelVersion(series.labels["model"], series.labels.get("version", ""))
            bound = float(series.labels.get("le", "inf"))
            buckets[key][bound] = buckets[key].get(bound, 0.0) + value
    return {
        key: Histogram(tuple(sorted(counts)), tuple(counts[b] for b in sorted(counts)))
        for key, counts in buckets.items()
    }
