"""Triton's metrics as a matrix of counters, gauges and histograms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from console.domain.counters import Counters
from console.domain.families import FAMILIES, GROWING, ROWS, Family
from console.domain.fleet import ModelVersion
from console.domain.gpu import GpuSample
from console.domain.triton import Histogram, HostGauges
from console.sources._exposition import Scrape, Series, SeriesTable

_HISTOGRAM = "nv_inference_first_response_histogram_ms_bucket"
_GPU = {
    "nv_gpu_utilization": "utilization",
    "nv_gpu_memory_used_bytes": "memory_used_bytes",
    "nv_gpu_memory_total_bytes": "memory_total_bytes",
    "nv_gpu_power_usage": "power_w",
    "nv_gpu_power_limit": "power_limit_w",
}
_HOST = {
    "nv_cpu_utilization": "cpu_utilization",
    "nv_cpu_memory_used_bytes": "memory_used_bytes",
    "nv_cpu_memory_total_bytes": "memory_total_bytes",
}
_WANTED = frozenset((*FAMILIES, *_GPU, *_HOST, _HISTOGRAM))
# About 0.5 KB each: room for ten thousand versions, and an end to a server that invents names.
SERIES_LIMIT = 500_000
# No counter of a real server comes near; sums and squares of anything below stay finite.
_ABSURD = 2.0**64
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
        if self._generation != self._table.generation:
            self._forget()
        same = last is not None and last.generation == scrape.generation
        if last is not None and same and np.array_equal(last.ids, scrape.ids):
            return last
        self._learn()
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
        scaled[~(np.abs(scaled) < _ABSURD)] = np.nan
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
            if abs(scrape.values[i]) < _ABSURD
        ]
        host = {_HOST[s.name]: value for s, value in found if s.name in _HOST}
        return Others(HostGauges(**host), _gpus(found), _histograms(found))

    def _learn(self) -> None:
        """Read the series that the table has gained since the last call."""
        fresh = [self._table.series(i) for i in range(self._known, len(self._table))]
        if not fresh:
            return
        families = [_family(series) for series in fresh]
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


def _family(series: Series) -> Family | None:
    labels = series.labels
    if "model" not in labels:
        return None
    for family in FAMILIES.get(series.name, ()):
        if not family.label or labels.get(family.label) == family.value:
            return family
    return None


def _gpus(found: Iterable[tuple[Series, float]]) -> tuple[GpuSample, ...]:
    by_uuid: dict[str, dict[str, float]] = defaultdict(dict)
    for series, value in found:
        uuid = series.labels.get("gpu_uuid")
        if uuid and series.name in _GPU:
            by_uuid[uuid][_GPU[series.name]] = value
    return tuple(_gpu(uuid, fields) for uuid, fields in sorted(by_uuid.items()))


def _gpu(uuid: str, fields: Mapping[str, float]) -> GpuSample:
    used, total = fields.get("memory_used_bytes"), fields.get("memory_total_bytes")
    free = total - used if used is not None and total is not None else None
    return GpuSample(uuid=uuid, memory_free_bytes=free, **fields)  # type: ignore[arg-type]


def _histograms(found: Iterable[tuple[Series, float]]) -> dict[ModelVersion, Histogram]:
    buckets: dict[ModelVersion, dict[float, float]] = defaultdict(dict)
    for series, value in found:
        if series.name == _HISTOGRAM and "model" in series.labels:
            key = ModelVersion(series.labels["model"], series.labels.get("version", ""))
            bound = float(series.labels.get("le", "inf"))
            buckets[key][bound] = buckets[key].get(bound, 0.0) + value
    return {
        key: Histogram(tuple(sorted(counts)), tuple(counts[b] for b in sorted(counts)))
        for key, counts in buckets.items()
    }
