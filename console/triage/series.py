"""Series in bins, and what is robust to say of them: medians, deviations, the moment of a change.

Times are epoch seconds, values float64, NaN is unknown.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.snapshot import Points

Floats = NDArray[np.float64]

# A normal distribution's deviation over its median absolute deviation.
_MAD_TO_SIGMA = 1.4826
# Standard errors between two levels that the best of many splits of one level brings about.
_BY_CHANCE = 3.0
# Fewer bins than this on a side are no level.
LEAST_BEFORE, LEAST_AFTER = 3, 2


class Line(NamedTuple):
    """Values at times, oldest first."""

    at: Floats
    values: Floats

    def between(self, since: float, until: float) -> "Line":
        """The part with ``since`` < time <= ``until``."""
        kept = (self.at > since) & (self.at <= until)
        return Line(self.at[kept], self.values[kept])

    @property
    def known(self) -> "Line":
        """Without what is unknown."""
        kept = np.isfinite(self.values)
        return Line(self.at[kept], self.values[kept])


class Band(NamedTuple):
    """Where a series usually lies: its median, a robust deviation, and over how many bins."""

    median: float
    deviation: float
    bins: int


EMPTY = Line(np.empty(0), np.empty(0))


def line(points: Points) -> Line:
    """Points of the history as a line."""
    given = [np.nan if value is None else value for value in points.values]
    values = np.asarray(given, dtype=np.float64)
    # An infinite figure is no figure.
    values[~np.isfinite(values)] = np.nan
    return Line(np.asarray(points.at, dtype=np.float64), values)


def total(lines: Sequence[Line]) -> Line:
    """The sum of lines over the same times; unknown where all are."""
    return _merged(lines, np.nansum)


def greatest(lines: Sequence[Line]) -> Line:
    """The greatest value at each time; unknown where all are."""
    return _merged(lines, np.nanmax)


def _merged(lines: Sequence[Line], how: Callable[..., Floats]) -> Line:
    lines = [each for each in lines if len(each.at)]
    if not lines:
        return EMPTY
    # All rows of one history share its slots; what was seen later has fewer of them.
    length = min(len(each.at) for each in lines)
    values = np.vstack([each.values[-length:] for each in lines])
    nothing = ~np.isfinite(values).any(axis=0)
    values[:, nothing] = 0.0
    merged = how(values, axis=0)
    merged[nothing] = np.nan
    return Line(lines[0].at[-length:], merged)


def binned(source: Line, width: float, until: float, under: Line | None = None) -> Line:
    """Means in bins of ``width`` seconds that end at ``until`` and before; times are the bins' ends.

    With ``under`` it is the sum of the one over the sum of the other, where both are known.
    """
    if not len(source.at):
        return EMPTY
    number = np.floor((until - source.at) / width).astype(np.int64)
    good = np.isfinite(source.values) & (number >= 0)
    weights = np.ones(len(source.at))
    if under is not None:
        weights = under.values
        good &= weights > 0
    if not good.any():
        return EMPTY
    count = int(number[good].max()) + 1
    sums = np.bincount(number[good], source.values[good], minlength=count)
    weight = np.bincount(number[good], weights[good], minlength=count)
    values: Floats = np.full(count, np.nan, dtype=np.float64)
    np.divide(sums, weight, out=values, where=weight > 0)
    ends: Floats = until - width * np.arange(count, dtype=np.float64)
    return Line(ends[::-1], values[::-1])


def band(source: Line) -> Band | None:
    """The usual level of a line; None under ``LEAST_BEFORE`` known bins."""
    values = source.known.values
    if len(values) < LEAST_BEFORE:
        return None
    median = float(np.median(values))
    spread = float(np.median(np.abs(values - median))) * _MAD_TO_SIGMA
    return Band(median, spread, len(values))


def split(source: Line, least_before: int = LEAST_BEFORE) -> int | None:
    """The index from which on a line lies on another level than before, and still does at its end.

    The split that leaves the least absolute deviation from a median on each side, of logarithms for
    figures that multiply. None where the line is too short.
    """
    values = _logarithms(source)
    count = len(values)
    if count < least_before + LEAST_AFTER:
        return None
    costs = [
        _deviation(values[:at]) + _deviation(values[at:])
        for at in range(least_before, count - LEAST_AFTER + 1)
    ]
    return int(np.argmin(costs)) + least_before


def by_chance(source: Line, at: int) -> bool:
    """Whether scatter alone may set the levels before and from an index so far apart, at the split that shows it most."""
    values = _logarithms(source)
    before, after = values[:at], values[at:]
    apart = float(np.median(after) - np.median(before))
    rest = np.concatenate((before - np.median(before), after - np.median(after)))
    scatter = float(np.median(np.abs(rest))) * _MAD_TO_SIGMA
    return abs(apart) < _BY_CHANCE * scatter * float(np.sqrt(1 / len(before) + 1 / len(after)))


def _logarithms(source: Line) -> Floats:
    return np.log(np.maximum(source.values, 1e-6))


def _deviation(values: Floats) -> float:
    return float(np.abs(values - np.median(values)).sum())


def widened(source: Line, factor: int) -> Line:
    """Bins ``factor`` times as wide, ending with the last: the means of what is known in each."""
    groups = np.arange(len(source.at))[::-1] // factor
    good = np.isfinite(source.values)
    count = int(groups.max()) + 1 if len(groups) else 0
    sums = np.bincount(groups[good], source.values[good], minlength=count)[::-1]
    known = np.bincount(groups[good], minlength=count)[::-1]
    values: Floats = np.full(count, np.nan, dtype=np.float64)
    np.divide(sums, known, out=values, where=known > 0)
    return Line(source.at[::-1][::factor][::-1], values)
