"""A figure now against its baseline, and the moment when a figure began to move."""

import math
from typing import NamedTuple

import numpy as np

from console.triage.series import Band, Line, band, by_chance, split

# Deviations of the usual scatter that a level must leave to count as moved.
_DEVIATIONS = 3.0


class Shift(NamedTuple):
    """A figure ``now`` and as it was (``base``): None is unknown. ``basis`` says how the baseline is known.

    ``column`` is the history's name of the figure, where it has one.
    """

    now: float | None
    base: float | None
    deviation: float = 0.0
    basis: str = ""
    column: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times its baseline the figure is; None where either is unknown or the baseline is zero."""
        return None if self.now is None or not self.base else self.now / self.base

    @property
    def growth(self) -> float | None:
        """``ratio``, and infinite for what grew from zero."""
        return math.inf if self.base == 0 and self.now is not None and self.now > 0 else self.ratio

    @property
    def difference(self) -> float | None:
        """``now`` minus the baseline."""
        return None if self.now is None or self.base is None else self.now - self.base

    def told(self, basis: str) -> str:
        """How the figure is known, and how its baseline is, where there is one."""
        return f"{basis}, baseline {self.basis}" if self.basis else basis

    def up(self, factor: float, least: float) -> bool | None:
        """Whether the figure rose by ``factor`` and by ``least`` in its unit, and out of its scatter; None if unknown."""
        if self.now is None or self.base is None:
            return None
        rise = self.now - self.base
        return self.now >= factor * self.base and rise >= max(least, _DEVIATIONS * self.deviation)


class Onset(NamedTuple):
    """When a figure left its band (epoch seconds), the band, and the level since."""

    at: float
    column: str
    before: Band
    after: float


def level(bins: Line, since: float) -> float | None:
    """The median of a line after a time; None where nothing is known."""
    values = bins.known.between(since, np.inf).values
    return float(np.median(values)) if len(values) else None


def onset(  # noqa: PLR0913, PLR0917 - one figure and its limits
    column: str, bins: Line, fine: Line, factor: float, least: float, promise: float = math.inf
) -> Onset | None:
    """The moment from which on a figure lies ``factor`` times and ``least`` over its band, up to now.

    ``bins`` tell that it moved, ``fine`` (the same figure, unbinned) when. Of several rises on each other it is the first
    that broke the ``promise``, else the greatest. None where it did not move, or is back.
    """
    known = bins.known
    at = split(known)
    if at is None or by_chance(known, at):
        return None
    last = float(np.median(known.values[-3:]))
    if not _rises(known, at, len(known.at), factor, least, last):
        return None
    rises = [*_earlier(known, at, factor, least), (at, len(known.at))]
    width = float(np.diff(known.at).min())
    broke = (each for each in rises if float(np.median(known.values[slice(*each)])) > promise)
    first, end = next(broke, rises[-1])
    before = band(Line(known.at[:first], known.values[:first]))
    if before is None:
        return None
    after = float(np.median(known.values[first:end]))
    start = float(known.at[first]) - width
    return Onset(
        _crossing(fine, before, after, start, width), column, before, float(np.median(known.values[first:]))
    )


def _rises(known: Line, at: int, end: int, factor: float, least: float, last: float = math.inf) -> bool:  # noqa: PLR0913, PLR0917 - one figure and its limits
    before = band(Line(known.at[:at], known.values[:at]))
    after = float(np.median(known.values[at:end]))
    return before is not None and _rose(before, min(after, last), factor, least)


def _earlier(known: Line, end: int, factor: float, least: float) -> list[tuple[int, int]]:
    """The rises before one, each with where the next begins; oldest first."""
    found: list[tuple[int, int]] = []
    while (at := split(Line(known.at[:end], known.values[:end]))) is not None:
        if not _rises(known, at, end, factor, least):
            break
        found.insert(0, (at, end))
        end = at
    return found


def _rose(before: Band, after: float, factor: float, least: float) -> bool:
    rise = after - before.median
    return after >= factor * before.median and rise >= max(least, _DEVIATIONS * before.deviation)


def _crossing(fine: Line, before: Band, after: float, start: float, width: float) -> float:
    """The first time near ``start`` that lies outside the band and is followed by another one outside."""
    edge = before.median + max(_DEVIATIONS * before.deviation, 0.3 * (after - before.median))
    near = fine.known.between(start - 2 * width, start + 2 * width)
    outside = near.values > edge
    for number in np.flatnonzero(outside):
        if number + 1 >= len(outside) or outside[number + 1]:
            return float(near.at[number])
    return start
