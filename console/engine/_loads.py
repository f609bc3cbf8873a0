"""What each target carries, of one model or of all: sums and ratios over its versions."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from console.domain.basis import known
from console.domain.families import COUNTED_FAILURES, FAILURES, F
from console.domain.fleet import ModelVersion
from console.domain.rows import LoadRow
from console.domain.triton import State
from console.engine._target import TargetMemory

Floats = NDArray[np.float64]


def load_rows(targets: Iterable[TargetMemory], model: str, mono: float) -> tuple[LoadRow, ...]:
    """A row for each target, from its newest two polls; ``model`` empty is every model."""
    return tuple(_row(target, model, mono) for target in targets)


def _row(target: TargetMemory, model: str, mono: float) -> LoadRow:
    serving = tuple(sorted(_serving(target, model)))
    newest = target.meter.newest
    if newest is None or target.is_stale(mono):
        return LoadRow(target.name, serving=serving)
    keys = newest.counters.keys
    columns = [at for at, key in enumerate(keys) if not model or key.model == model]
    rates, values = newest.rates[:, columns], newest.counters.values[:, columns]
    served = np.isfinite(values[F.SUCCESS])
    if not served.any():
        return LoadRow(target.name, serving=serving)
    flowing = served & np.isfinite(rates[F.SUCCESS])
    total = rates[:, flowing]
    success = _sum(total[F.SUCCESS])
    p99, worst = _worst(values[F.P99], [keys[at] for at in columns])
    return LoadRow(
        target=target.name,
        rate=None if success is None else success + float(np.nansum(total[list(FAILURES.values())])),
        error_ratio=_share(total, success),
        mean_ms=_each(total[F.REQUEST_MS], success),
        p99_ms=p99,
        worst=worst,
        queue_ms=_each(total[F.QUEUE_MS], success),
        pending=_sum(values[F.PENDING]),
        serving=serving,
    )


def _serving(target: TargetMemory, model: str) -> Iterable[ModelVersion]:
    """What is ready; where no state is known, what has served."""
    for key, found in target.states.items():
        if model and key.model != model:
            continue
        if found.state is State.READY or (found.state is State.UNKNOWN and target.has_served(key)):
            yield key


def _sum(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.sum()) if len(finite) else None


def _share(total: Floats, success: float | None) -> float | None:
    """Failed requests over all that count."""
    if success is None:
        return None
    failed = float(np.nansum(total[list(COUNTED_FAILURES)]))
    return failed / (success + failed) if success + failed > 0 else None


def _each(durations: Floats, success: float | None) -> float | None:
    """Milliseconds per successful request."""
    spent = _sum(durations)
    return spent / success if spent is not None and success else None


def _worst(p99: Floats, keys: Sequence[ModelVersion]) -> tuple[float | None, ModelVersion | None]:
    if not np.isfinite(p99).any():
        return None, None
    at = int(np.nanargmax(p99))
    return known(p99[at]), keys[at]
