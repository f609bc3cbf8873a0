"""One version on each of its targets."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from console.domain.basis import known
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.rows import ReplicaRow
from console.domain.versions import VersionState
from console.engine._flow import flows, measured
from console.engine._target import TargetMemory


class ReplicaBook:
    """The rows of each version that was asked for, made once a tick, since many ask."""

    def __init__(self) -> None:
        self._rows: dict[ModelVersion, Sequence[ReplicaRow]] = {}

    def clear(self) -> None:
        """Begin a tick."""
        self._rows.clear()

    def rows(self, targets: Iterable[TargetMemory], key: ModelVersion, mono: float) -> Sequence[ReplicaRow]:
        """Rows by target name."""
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = replica_rows(targets, key, mono)
        return found


def replica_rows(targets: Iterable[TargetMemory], key: ModelVersion, mono: float) -> tuple[ReplicaRow, ...]:
    """Rows by target name, from each target's newest two polls."""
    return tuple(sorted(_rows(targets, key, mono)))


def _rows(targets: Iterable[TargetMemory], key: ModelVersion, mono: float) -> Iterator[ReplicaRow]:
    for target in targets:
        found = target.states.get(key)
        if found is not None:
            yield _row(target, key, found, mono)


def _row(target: TargetMemory, key: ModelVersion, found: VersionState, mono: float) -> ReplicaRow:
    newest = target.meter.newest
    stale = target.is_stale(mono)
    age = target.age_s(mono)
    if newest is None or key not in newest.counters.keys or stale:
        none = (None,) * 7
        return ReplicaRow(target.name, key, found.state, found.reason, *none, age, stale)
    column = newest.counters.keys.index(key)
    rates = newest.rates[:, [column]]
    observed = np.isfinite(rates[F.SUCCESS]).astype(np.float64)
    flow = flows(measured(np.nan_to_num(rates), rates), observed)
    values = newest.counters.values[:, column]
    return ReplicaRow(
        target=target.name,
        key=key,
        state=found.state,
        reason=found.reason,
        rate=flow.rate[0],
        error_ratio=flow.error_ratio[0],
        mean_ms=flow.mean_ms[0],
        p99_ms=known(values[F.P99]),
        queue_ms=flow.queue_ms[0],
        infer_ms=flow.infer_ms[0],
        pending=known(values[F.PENDING]),
        age_s=age,
        stale=stale,
    )
