"""What the counters of one side of a gate say over a stretch of time, from the history that the console keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from statistics import median
from typing import NamedTuple

from console.domain.basis import Basis, Missing
from console.domain.fleet import ModelVersion
from console.domain.gate import Side
from console.domain.rows import ModelRow, Percentiles
from console.domain.snapshot import Points, Snapshot

# Two looks further apart are two watches: what was counted between them is unknown.
_SELDOM_S = 65.0
# A slot counts from the one before, which may lie before the stretch.
_BEFORE_S = 20.0
# What two clocks may differ by within one watch.
_EDGE_S = 0.05
# Of so many targets only the newest p99 of each is read: all else of each would cost too much on every picture.
_MANY = 8


class Latency(NamedTuple):
    """Percentiles in ms over ``n`` requests; of several targets the median one's, ``worst`` names the slowest and its p99."""

    basis: Basis
    n: int
    p50: float | None
    p95: float | None
    p99: float | None
    worst: tuple[str, float] | None = None


class Figures(NamedTuple):
    """One side: requests and counted failures, means in ms per successful request, None where nothing was counted.

    ``latencies`` are by basis, ``latency_missing`` is why a server tells none. ``probed`` are the gate's own requests
    among them.
    """

    requests: float | None
    failed: float | None
    mean_ms: float | None
    queue_ms: float | None
    latencies: Mapping[Basis, Latency]
    latency_missing: Missing | None = None
    probed: int = 0

    @property
    def traffic(self) -> int:
        """Requests that were not the gate's own."""
        return max(round(self.requests or 0.0) - self.probed, 0)


def figures(snapshot: Snapshot, model: str, side: Side, seconds: float) -> Figures:
    """The side's figures over the last ``seconds`` of the picture's history."""
    key = side.key(model)
    columns = [_Columns(snapshot, key, target, seconds) for target in _places(side)]
    requests = _total(each.count("rate") for each in columns)
    found = Figures(
        requests=requests,
        failed=_total(each.count("failed") for each in columns),
        mean_ms=_mean(columns, "mean_ms"),
        queue_ms=_mean(columns, "queue_ms"),
        latencies={},
    )
    row = next((row for row in snapshot.models if row.key == key), None)
    if row is None:
        return found
    latencies = _latencies(snapshot, row, side, seconds, round(requests or 0.0))
    return found._replace(latencies=latencies, latency_missing=row.latency_missing)


def percentile(ordered: Sequence[float], q: float) -> float:
    """The nearest-rank percentile of values in order, of which there is one at least."""
    return ordered[max(ceil(q * len(ordered)) - 1, 0)]


class _Columns:
    """The columns of one version, on one target or over all where that is None."""

    def __init__(self, snapshot: Snapshot, key: ModelVersion, target: str | None, seconds: float) -> None:
        self._snapshot = snapshot
        self._key = key
        self._target = target
        self._seconds = seconds

    def points(self, column: str) -> Points:
        """One column, and what is before the stretch."""
        history, seconds = self._snapshot.history, self._seconds + _BEFORE_S
        if self._target is None:
            return history.model(self._key, column, seconds)
        return history.replica(self._target, self._key, column, seconds)

    def slots(self, *columns: str) -> Iterator[tuple[float, list[float | None]]]:
        """The values of the columns, slot by slot within the stretch, with the seconds that each slot stands for."""
        found = [self.points(column) for column in columns]
        since = self._snapshot.at - self._seconds - _EDGE_S
        # The slot of the first look is not kept, and the one after it counts from there.
        before = self._snapshot.at - self._snapshot.history_s
        for at, *values in zip(found[0].at, *(points.values for points in found), strict=False):
            if since <= before < at <= before + _SELDOM_S:
                yield at - before, values
            before = at

    def count(self, column: str) -> float | None:
        """What a rate came to, None where it was never known."""
        parts = [seconds * value for seconds, (value,) in self.slots(column) if value is not None]
        return sum(parts) if parts else None

    def spent(self, column: str) -> tuple[float, float]:
        """A mean per request as its sum and the number of requests it is of."""
        total = number = 0.0
        for seconds, (mean, rate) in self.slots(column, "success"):
            if mean is not None and rate:
                total += mean * rate * seconds
                number += rate * seconds
        return total, number

    def newest(self, column: str) -> float | None:
        """The last known value of the stretch."""
        points = self.points(column)
        since = self._snapshot.at - self._seconds
        values = (value for at, value in zip(points.at, points.values, strict=True) if at >= since)
        return next((value for value in reversed(tuple(values)) if value is not None), None)


def _places(side: Side) -> tuple[str | None, ...]:
    return (None,) if side.whole else side.targets


def _total(parts: Iterable[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _mean(columns: Iterable[_Columns], name: str) -> float | None:
    parts = [each.spent(name) for each in columns]
    number = sum(count for _, count in parts)
    return sum(total for total, _ in parts) / number if number > 0 else None


def _latencies(snapshot: Snapshot, row: ModelRow, side: Side, seconds: float, n: int) -> dict[Basis, Latency]:
    merged = row.percentiles if side.whole else None
    found: dict[Basis, Latency] = {}
    summary = _summaries(snapshot, row.key, side, seconds, n)
    if merged is not None and merged.basis is not Basis.SUMMARY:
        found[merged.basis] = _merged(merged, n)
    elif summary is not None:
        found[Basis.SUMMARY] = summary
    elif merged is not None:
        found[merged.basis] = _merged(merged, n)
    probed = _standing_probes(row, side)
    return {**found, Basis.PROBE: probed} if probed is not None else found


def _merged(known: Percentiles, n: int) -> Latency:
    return Latency(known.basis, n, known.p50, known.p95, known.p99)


def _summaries(snapshot: Snapshot, key: ModelVersion, side: Side, seconds: float, n: int) -> Latency | None:
    """Each target has its own; the median one stands for the side, since they cannot be averaged."""
    if len(side.targets) > _MANY:
        rows = snapshot.history.replicas(key)
        told = [(row.p99_ms, row.target) for row in rows if row.target in side.targets]
        columns: list[_Columns] = []
    else:
        columns = [_Columns(snapshot, key, name, seconds) for name in side.targets]
        told = [(each.newest("p99_ms"), name) for each, name in zip(columns, side.targets, strict=True)]
    worst = [(p99, name) for p99, name in told if p99 is not None]
    if not worst:
        return None
    value, name = max(worst)
    return Latency(
        basis=Basis.SUMMARY,
        n=n,
        p50=_middle(each.newest("p50_ms") for each in columns),
        p95=_middle(each.newest("p95_ms") for each in columns),
        p99=_middle(p99 for p99, _ in worst),
        worst=(name, value) if len(worst) > 1 else None,
    )


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _standing_probes(row: ModelRow, side: Side) -> Latency | None:
    """The probes that the console sends by itself, of the target with the most of them; exact, but without a p95."""
    known = [probe for probe in row.probes if probe.target in side.targets and probe.p99_ms is not None]
    if not known:
        return None
    best = max(known, key=lambda probe: probe.n)
    return Latency(Basis.PROBE, best.n, best.p50_ms, None, best.p99_ms)
