"""A store fed by hand: targets, polls and ticks in a few words."""

from collections.abc import Mapping

import numpy as np

from console.domain.around import LinkReading
from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import ROWS, F
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.probe import ProbeOutcome, ProbeReading
from console.domain.rows import ModelRow
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.store import Store

AT = 1_700_000_000.0
RANKER = ModelVersion("ranker", "1")
READY = IndexEntry("ranker", "1", State.READY)
Values = Mapping[F, float]


def counters(at: Mapping[ModelVersion, Values]) -> Counters:
    values = np.full((ROWS, len(at)), np.nan)
    for column, fields in enumerate(at.values()):
        for family, value in fields.items():
            values[family, column] = value
    return Counters(tuple(at), values)


class Watched:
    """A store over targets a, b …, and the clock that its samples carry."""

    def __init__(self, *names: str, **changes: object) -> None:
        targets = tuple(Target(n, f"http://{n}:8000", f"http://{n}:8002/metrics") for n in names)
        self.store = Store(Fleet("test", targets, **changes))  # type: ignore[arg-type]
        self.mono = 0.0

    def poll(self, name: str, values: Mapping[ModelVersion, Values] | None = None, **parts: object) -> None:
        found = counters(values) if values is not None else None
        parts = {"live": True, "ready": True, "index": (READY,), **parts}
        parts = {"statistics_at": self.mono, **parts}
        reading = TritonReading(counters=found, counters_at=self.mono, **parts)  # type: ignore[arg-type]
        self._take(f"triton:{name}", name, reading, None)

    def fail(self, name: str, kind: FailureKind = FailureKind.REFUSED) -> None:
        self._take(f"triton:{name}", name, None, Failure(kind, "live", f"live: {kind}"))

    def probe(self, name: str, outcome: ProbeOutcome, detail: str = "") -> None:
        reading = ProbeReading("ranker", "1", outcome, 5.0, detail)
        self._take(f"probe:{name}", name, reading, None)

    def link(self, name: str, **parts: object) -> None:
        reading = LinkReading(name, **parts)  # type: ignore[arg-type]
        self._take(f"network:{name}", name, reading, None, every=10.0)

    def gpu(self, source: str, **fields: object) -> None:
        self.gpus(source, GpuSample("GPU-1", **fields))  # type: ignore[arg-type]

    def gpus(self, source: str, *gpus: GpuSample) -> None:
        self._take(source, None, GpuReading(gpus), None)

    def _take(
        self, source: str, target: str | None, reading: object, failure: Failure | None, every: float = 1.0
    ) -> None:
        self.store.take(Sample(source, target, AT + self.mono, self.mono, 0.01, every, reading, failure))  # type: ignore[arg-type]

    def tick(self, seconds: float = 1.0) -> Snapshot:
        snapshot = self.store.tick(AT + self.mono, self.mono)
        self.mono += seconds
        return snapshot


def row(snapshot: Snapshot, key: ModelVersion = RANKER) -> ModelRow:
    return next(r for r in snapshot.models if r.key == key)


def busy(n: float, **more: float) -> dict[ModelVersion, Values]:
    """Counters after ``n`` requests of 40 ms, 30 of them queued, in batches of two."""
    fields = {F.SUCCESS: n, F.REQUEST_MS: 40 * n, F.QUEUE_MS: 30 * n, F.INFERENCES: n, F.EXECUTIONS: n / 2}
    return {RANKER: {**fields, **{F[name]: value for name, value in more.items()}}}
