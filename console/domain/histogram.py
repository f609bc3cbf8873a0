"""Quantiles from cumulative histograms."""

from typing import NamedTuple

from console.domain.triton import Histogram


class Quantile(NamedTuple):
    """An interpolated quantile in ms and the bounds of the bucket that holds it."""

    value: float
    low: float
    high: float


def growth(before: Histogram | None, after: Histogram) -> Histogram | None:
    """What was counted between two readings of one series; None after a reset or a change of buckets."""
    if before is None or before.bounds_ms != after.bounds_ms:
        return None
    counts = tuple(a - b for a, b in zip(after.counts, before.counts, strict=True))
    return None if min(counts, default=0) < 0 else Histogram(after.bounds_ms, counts)


def merged(first: Histogram | None, second: Histogram) -> Histogram:
    """Two targets' counts added; buckets that differ keep the first alone, since they cannot be added."""
    if first is None:
        return second
    if first.bounds_ms != second.bounds_ms:
        return first
    return Histogram(first.bounds_ms, tuple(a + b for a, b in zip(first.counts, second.counts, strict=True)))


def quantile(histogram: Histogram, q: float) -> Quantile | None:
    """Linear interpolation inside the bucket; None without counts, the last finite bound beyond it."""
    total = histogram.counts[-1] if histogram.counts else 0.0
    if total <= 0:
        return None
    low, below = 0.0, 0.0
    for high, count in zip(histogram.bounds_ms, histogram.counts, strict=True):
        if count >= q * total:
            if high == float("inf"):
                return Quantile(low, low, high)
            share = (q * total - below) / (count - below) if count > below else 1.0
            return Quantile(low + (high - low) * share, low, high)
        low, below = high, count
    return None


def share_above(histogram: Histogram, threshold_ms: float) -> float | None:
    """Least share of requests above the threshold: those beyond the first bound that is not below it."""
    total = histogram.counts[-1] if histogram.counts else 0.0
    if total <= 0:
        return None
    for bound, count in zip(histogram.bounds_ms, histogram.counts, strict=True):
        if bound >= threshold_ms:
            return (total - count) / total
    return 0.0
