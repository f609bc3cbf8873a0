"""Percentiles of one version, from the best basis that its targets offer."""

from collections.abc import Iterator, Sequence

from console.domain.basis import Basis, Missing, known
from console.domain.fleet import ModelVersion
from console.domain.histogram import quantile
from console.domain.lies import SUMMARIES_HINT
from console.domain.rows import Percentiles, Warn
from console.engine._merge import Merged
from console.engine._target import TargetMemory, merged_histogram


def row_percentiles(
    merged: Merged, row: int, key: ModelVersion, targets: Sequence[TargetMemory]
) -> tuple[Percentiles | None, Missing | None]:
    """Percentiles of one row, or why there are none: histogram first, then the worst target's summary."""
    found = _from_histogram(key, targets) or _from_summary(merged, row, targets)
    if found is not None:
        return found, None
    if merged.summaries[row]:
        return None, Missing.IDLE
    return None, Missing.UNSUPPORTED if merged.reporting[row] else Missing.NO_DATA


def _from_histogram(key: ModelVersion, targets: Sequence[TargetMemory]) -> Percentiles | None:
    histogram = merged_histogram(targets, key)
    if histogram is None:
        return None
    p50, p90, p95, p99 = (quantile(histogram, q) for q in (0.5, 0.9, 0.95, 0.99))
    if p50 is None or p90 is None or p95 is None or p99 is None:
        return None
    return Percentiles(
        Basis.HISTOGRAM, p50.value, p90.value, p95.value, p99.value, bounds=(p99.low, p99.high)
    )


def _from_summary(merged: Merged, row: int, targets: Sequence[TargetMemory]) -> Percentiles | None:
    number = int(merged.worst_target[row])
    if number < 0:
        return None
    p50, p90, p95, p99 = (known(value) for value in merged.worst[:, row])
    several = merged.reporting[row] > 1
    median = known(merged.median_p99[row]) if several else None
    return Percentiles(Basis.SUMMARY, p50, p90, p95, p99, targets[number].name, median)


def at_quantile(percentiles: Percentiles | None, q: float) -> float | None:
    """The percentile for an objective's quantile: exactly that one, or None where it is not known."""
    if percentiles is None:
        return None
    exact = {0.5: percentiles.p50, 0.9: percentiles.p90, 0.95: percentiles.p95, 0.99: percentiles.p99}
    return exact.get(q)


def percentile_hint(missing: Missing | None) -> Iterator[Warn]:
    """How to make percentiles known where the server offers none."""
    if missing is Missing.UNSUPPORTED:
        yield Warn(
            "no-percentiles", "only means are known: this server exports no percentiles", SUMMARIES_HINT
        )
