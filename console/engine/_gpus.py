"""GPUs joined by UUID over every source that sees them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.gpu import GpuRow, GpuSample, place
from console.domain.history import Tier, Track
from console.domain.sample import Sample
from console.domain.snapshot import Points

COLUMNS = (
    "utilization",
    "engine_active",
    "sm_active",
    "memory_used_bytes",
    "memory_free_bytes",
    "power_w",
    "temperature_c",
)
_STALE_POLLS = 3
# Best first: the exporter sees what a container cannot, and Triton shows 0 when it lost sight.
_TRUST = ("dcgm", "nvml", "triton")


class _Seen(NamedTuple):
    gpu: GpuSample
    at: float
    mono: float
    every: float


class GpuMemory:
    """The newest sample of each GPU from each source, and their history."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, _Seen]] = {}
        self._notes: dict[str, tuple[str, ...]] = {}
        self._track = Track(COLUMNS, Tier(0, 600), (Tier(15, 240),))
        self._rows: dict[tuple[str, str], int] = {}

    def take(self, sample: Sample, gpus: tuple[GpuSample, ...], notes: tuple[str, ...] = ()) -> None:
        """Remember what one poll of one source says."""
        for gpu in gpus:
            key = (gpu.uuid, gpu.mig)
            seen = _Seen(gpu, sample.at, sample.mono, sample.every)
            self._seen.setdefault(key, {})[sample.source] = seen
            self._rows.setdefault(key, len(self._rows))
        self._notes[sample.source] = notes

    def forget(self, target: str) -> None:
        """A target is gone: a GPU that nobody else sees is not shown any more."""
        for key, by_source in list(self._seen.items()):
            by_source.pop(f"triton:{target}", None)
            if not by_source:
                del self._seen[key]

    def tick(self, mono: float) -> tuple[GpuRow, ...]:
        """Join, keep history, and return the rows by node, number and slice."""
        rows = {key: _join(by_source, mono) for key, by_source in self._seen.items()}
        block = np.full((len(COLUMNS), len(self._rows)), np.nan, dtype=np.float32)
        for key, row in rows.items():
            if not row.stale:
                block[:, self._rows[key]] = _values(row.gpu)
        self._track.append(mono, block)
        return tuple(sorted(rows.values(), key=lambda row: place(row.gpu)))

    def notes(self) -> tuple[str, ...]:
        """What the sources could not read, each once."""
        return tuple(dict.fromkeys(note for notes in self._notes.values() for note in notes))

    def series(self, uuid: str, mig: str, column: str, since: float, offset: float) -> Points:
        """One column of one GPU or slice after a monotonic time; ``offset`` turns times into epoch seconds."""
        row = self._rows.get((uuid, mig))
        if row is None:
            return Points((), ())
        times, values = self._track.series(column, row, since)
        known = np.isfinite(values)
        return Points(
            (times + offset).tolist(),
            [float(v) if ok else None for v, ok in zip(values, known, strict=True)],
        )


def _values(gpu: GpuSample) -> NDArray[np.float32]:
    fields = (getattr(gpu, column) for column in COLUMNS)
    return np.array([np.nan if value is None else value for value in fields], dtype=np.float32)


def _join(by_source: dict[str, _Seen], mono: float) -> GpuRow:
    """The most trusted fresh sample, its gaps filled from the others; notes where they disagree."""
    fresh = {s: seen for s, seen in by_source.items() if mono - seen.mono <= _STALE_POLLS * seen.every}
    order = sorted(fresh or by_source, key=_trust)
    best = by_source[order[0]]
    gpu = best.gpu
    used = [order[0]]
    for source in order[1:]:
        more = {
            field: value
            for field, value in by_source[source].gpu._asdict().items()
            if value not in (None, "") and getattr(gpu, field) in (None, "")
        }
        if more:
            gpu = gpu._replace(**more)
            used.append(source)
    return GpuRow(gpu, "+".join(used), best.at, max(0.0, mono - best.mono), not fresh, _disagreements(fresh))


def _disagreements(fresh: dict[str, _Seen]) -> tuple[str, ...]:
    """Triton sets its gauges to 0 when it lost sight of the GPU: say so where another source sees work."""
    busiest = max((seen.gpu.utilization or 0.0 for s, seen in fresh.items() if _trust(s) < 2), default=0.0)
    return tuple(
        f"{source} says 0 % while another source sees {busiest:.0%}: Triton may have lost sight of it"
        for source, seen in fresh.items()
        if _trust(source) == 2 and seen.gpu.utilization == 0 and busiest > 0.1
    )


def _trust(source: str) -> int:
    kind = source.partition(":")[0]
    return _TRUST.index(kind) if kind in _TRUST else len(_TRUST)
