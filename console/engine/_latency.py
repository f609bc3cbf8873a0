"""Percentiles of one version, from the best basis that its targets offer."""

from collections.abc import Mapping, Sequence

from console.domain.basis import Basis, Missing, known
from console.domain.fleet import ModelVersion
from console.domain.histogram import quantile
from console.domain.rows import Percentiles
from console.domain.triton import Histogram
from console.engine._flow import listed
from console.engine._merge import Merged


class PercentileColumns:
    """Percentiles of every row of one tick: from histograms where there are any, else from the worst target's summary.

    ``some`` when any version has summaries.
    """

    def __init__(
        self, merged: Merged, histograms: Mapping[ModelVersion, Histogram], names: Sequence[str]
    ) -> None:
        self._histograms = histograms
        self._names = names
        self._worst = merged.worst.T.tolist()
        self._target = merged.worst_target.tolist()
        self._median = listed(merged.median_p99)
        self._reporting = merged.reporting.tolist()
        self._summaries = merged.summaries.tolist()
        self.some = any(self._summaries)

    def row(self, row: int, key: ModelVersion) -> tuple[Percentiles | None, Missing | None]:
        """Percentiles of one row, or why there are none."""
        if key in self._histograms:
            found = from_histogram(self._histograms[key])
            if found is not None:
                return found, None
        number = self._target[row]
        if number >= 0:
            p50, p90, p95, p99 = map(known, self._worst[row])
            median = self._median[row] if self._reporting[row] > 1 else None
            return Percentiles(Basis.SUMMARY, p50, p90, p95, p99, self._names[number], median), None
        if self._summaries[row]:
            return None, Missing.IDLE
        return None, Missing.UNSUPPORTED if self._reporting[row] else Missing.NO_DATA


def from_histogram(histogram: Histogram) -> Percentiles | None:
    """Percentiles of one version's histogram; None where it is too empty to say."""
    p50, p90, p95, p99 = (quantile(histogram, q) for q in (0.5, 0.9, 0.95, 0.99))
    if p50 is None or p90 is None or p95 is None or p99 is None:
        return None
    return Percentiles(
        Basis.HISTOGRAM, p50.value, p90.value, p95.value, p99.value, bounds=(p99.low, p99.high)
    )


def at_quantile(percentiles: Percentiles | None, q: float) -> float | None:
    """The percentile for an objective's quantile: exactly that one, or None where it is not known."""
    if percentiles is None:
        return None
    exact = {0.5: percentiles.p50, 0.9: percentiles.p90, 0.95: percentiles.p95, 0.99: percentiles.p99}
    return exact.get(q)
