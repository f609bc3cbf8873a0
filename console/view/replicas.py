"""What differs between the replicas of a model, from the last minute of each."""

from collections.abc import Sequence

from console.domain.fleet import ModelVersion
from console.domain.imbalance import Imbalance, differing_versions, imbalances
from console.domain.rows import ReplicaRow
from console.domain.snapshot import History, Points, Snapshot

WINDOW_S = 60.0
# Beyond so many a look at each one's history takes too long; what they told last has to do.
_STEADIED = 40


def imbalance(snapshot: Snapshot, key: ModelVersion) -> tuple[Imbalance, ...]:
    """What differs between the replicas of a version, and in the versions of its model, the gravest first."""
    serving = {
        load.target: [each.version for each in load.serving] for load in snapshot.history.loads(key.model)
    }
    rows, seconds = steady(snapshot, key)
    configs = snapshot.history.config(key.model)
    found = imbalances(rows, seconds, configs)
    return (
        *(each for each in found if each.kind == "state"),
        *differing_versions(serving),
        *(each for each in found if each.kind != "state"),
    )  # fmt: skip - the order is the point


def steady(snapshot: Snapshot, key: ModelVersion) -> tuple[Sequence[ReplicaRow], float]:
    """The replicas with the means of the last minute, and over how many seconds they are.

    Percentiles stay what they are: those of a server are over a time of its own.
    """
    rows = snapshot.history.replicas(key)
    if len(rows) < 2 or len(rows) > _STEADIED:
        return rows, snapshot.fleet.refresh
    seconds = min(WINDOW_S, max(snapshot.elapsed_s, snapshot.fleet.refresh))
    return [_steadied(snapshot.history, row, seconds) for row in rows], seconds


def _steadied(history: History, row: ReplicaRow, seconds: float) -> ReplicaRow:
    rates = history.replica(row.target, row.key, "rate", seconds)
    known = [rate for rate in rates.values if rate is not None]
    if row.rate is None or not known:
        return row

    def mean(column: str) -> float | None:
        return _weighted(history.replica(row.target, row.key, column, seconds), rates)

    return row._replace(
        rate=sum(known) / len(known),
        mean_ms=mean("mean_ms"),
        queue_ms=mean("queue_ms"),
        error_ratio=mean("error_ratio"),
    )


def _weighted(points: Points, rates: Points) -> float | None:
    """The mean of what is known, each moment as much as requests came then."""
    pairs = zip(points.values, rates.values, strict=False)
    known = [(value, rate) for value, rate in pairs if value is not None and rate is not None]
    total = sum(rate for _, rate in known)
    return sum(value * rate for value, rate in known) / total if total > 0 else None
