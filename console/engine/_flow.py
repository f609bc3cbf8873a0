"""What versions did over a window: rates, ratios and durations, as columns of plain values."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.families import COUNTED_FAILURES, DURATIONS, FAILURES, F

Known = Sequence[float | None]
_NO_ERRORS: Mapping[str, float] = {}


class Flows(NamedTuple):
    """One entry per version; None is unknown, ``seconds`` is how much of the window was observed."""

    seconds: list[float]
    idle: list[bool]
    rate: Known
    error_ratio: Known
    errors: list[Mapping[str, float]]
    mean_ms: Known
    queue_ms: Known
    input_ms: Known
    infer_ms: Known
    output_ms: Known
    executions: Known
    batch: Known
    hit_ratio: Known


def flows(sums: NDArray[np.float64], seconds: NDArray[np.float64]) -> Flows:
    """Flows from sums (growing families, versions) over observed seconds (versions).

    Durations are per successful request, since Triton's grow with successes only.
    """
    failed = sums[list(FAILURES.values())].sum(axis=0)
    counted = sums[list(COUNTED_FAILURES)].sum(axis=0)
    success = sums[F.SUCCESS]
    looked = sums[F.CACHE_HITS] + sums[F.CACHE_MISSES]
    return Flows(
        seconds=seconds.tolist(),
        idle=((success + failed <= 0) & (sums[F.EXECUTIONS] <= 0)).tolist(),
        rate=listed(_ratio(success + failed, seconds)),
        error_ratio=listed(_ratio(counted, success + counted)),
        errors=[_errors(sums, column) if some else _NO_ERRORS for column, some in enumerate(failed > 0)],
        mean_ms=listed(_ratio(sums[F.REQUEST_MS], success)),
        queue_ms=listed(_ratio(sums[F.QUEUE_MS], success)),
        input_ms=listed(_ratio(sums[F.INPUT_MS], success)),
        infer_ms=listed(_ratio(sums[F.INFER_MS], success)),
        output_ms=listed(_ratio(sums[F.OUTPUT_MS], success)),
        executions=listed(_ratio(sums[F.EXECUTIONS], seconds)),
        batch=listed(_ratio(sums[F.INFERENCES], sums[F.EXECUTIONS])),
        hit_ratio=listed(_ratio(sums[F.CACHE_HITS], looked)),
    )


def measured(sums: NDArray[np.float64], rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums, with durations unknown where the newest rates count requests and not their time."""
    uncounted = np.isnan(rates[list(DURATIONS)]) & np.isfinite(rates[F.SUCCESS])
    sums[list(DURATIONS)] = np.where(uncounted, np.nan, sums[list(DURATIONS)])
    return sums


def listed(values: NDArray[np.float64]) -> list[float | None]:
    """Plain values with None for NaN."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN is unlike itself


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)


def _errors(sums: NDArray[np.float64], column: int) -> Mapping[str, float]:
    return {reason: float(sums[f, column]) for reason, f in FAILURES.items() if sums[f, column] > 0}
