"""Where the watch stands to the trouble: when it began, whether before the first look, and whether it is over already."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from console.triage.series import Line, band, widened
from console.triage.shift import Onset, onset

if TYPE_CHECKING:
    from console.triage.scene import Scene

# A server's percentiles look back a minute; a little more until its buckets have turned.
_MEMORY_S = 75.0
# Bins that must be calm again, and how much of the rise must have gone.
_CALM, _LEFT, _LEAST_RISE = 3, 0.3, 1.2

# A change is looked for among so many bins, first the newest, then all of them drawn together.
_MOST_BINS = 150


# A percentile over fewer requests than these, or in its first seconds, is still on its way to its level.
_ENOUGH, _FILLING_S = 100.0, 8.0


class Frame(NamedTuple):
    """A time that figures are looked at in: from ``began`` to ``over`` (None: now), against ``base_s`` seconds before."""

    began: float
    over: float | None
    base_s: float


def first_moved(scene: "Scene") -> Onset | None:
    """The first of a model's symptoms that left its band and has not come back."""
    row = scene.row
    if row is None or scene.quiet:
        return None
    threshold = row.slo.objective.latency_ms
    limits = {
        "p99_ms": (1.5, max(1.0, 0.02 * threshold), threshold),
        "mean_ms": (1.4, 1.0, threshold),
        "error_ratio": (3.0, 0.01, math.inf),
    }
    found = [_moved(scene, column, limit) for column, limit in limits.items()]
    return min((each for each in found if each is not None), key=lambda each: each.at, default=None)


def _moved(scene: "Scene", column: str, limit: tuple[float, float, float]) -> Onset | None:
    """When one symptom left its band: lately, else some time in the whole look-back."""
    figures = scene.figures()
    bins = figures.bins(column)
    if column == "p99_ms":
        bins = _filled(scene, bins)
    fine = figures.fine(column)
    newest = Line(bins.at[-_MOST_BINS:], bins.values[-_MOST_BINS:])
    found = onset(column, newest, fine, *limit)
    if found is None and len(bins.at) > _MOST_BINS:
        found = onset(column, widened(bins, -(-len(bins.at) // _MOST_BINS)), fine, *limit)
    return found


def _filled(scene: "Scene", bins: Line) -> Line:
    """A percentile without its first seconds, where the model's traffic began with the watch: over few requests it is low."""
    past, known = scene.past(), bins.known
    if not len(known.at) or (past is not None and past.requests >= _ENOUGH):
        return bins
    return bins.between(float(known.at[0]) + _FILLING_S, np.inf)


def came_late(scene: "Scene") -> bool:
    """Whether the promise is broken and nothing moved since the first look: what was watched is no baseline."""
    if scene.onset is not None or scene.quiet:
        return False
    for row in scene.rows:
        if row.stale or not row.rate:
            continue
        if row.slo.ratio is not None and row.percentiles is not None:
            if row.slo.ratio > 1.0:
                return True
        elif row.mean_ms is not None and row.mean_ms > row.slo.objective.latency_ms:
            return True
    return False


def over_since(scene: "Scene") -> float | None:
    """When the mean came back to its band while a percentile that looks back still shows the trouble; None if it did not."""
    moved = scene.moved
    if moved is None or moved.column != "p99_ms":
        return None
    means = scene.figures().bins("mean_ms").known
    usual = band(means.between(-np.inf, moved.at - scene.width))
    since = means.between(moved.at - scene.width, np.inf)
    if usual is None or not len(since.at):
        return None
    last = _last_high(since, usual.median, usual.deviation)
    if last is None or len(since.at) - 1 - last < _CALM:
        return None
    ended = float(since.at[last])
    return ended if scene.snapshot.at - ended <= _MEMORY_S else None


def _last_high(means: Line, usual: float, deviation: float) -> int | None:
    peak = float(means.values.max())
    if peak < _LEAST_RISE * usual:
        return None
    edge = usual + max(3 * deviation, _LEFT * (peak - usual))
    high = np.flatnonzero(means.values > edge)
    return int(high[-1]) if len(high) else None
