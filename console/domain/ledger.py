"""Exact sums over sliding windows, from checkpoints of running totals.

A window costs two reads whatever its length, and is exact where a mean of means is not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.history import Tier

Sums = NDArray[np.float64]


class Window(NamedTuple):
    """What fell into a window: sums (columns, rows) and the seconds of it each row was observed (rows)."""

    sums: Sums
    seconds: NDArray[np.float64]


class _Checkpoint(NamedTuple):
    at: float
    totals: Sums


class Ledger:
    """Running totals of named columns per row; the last row of the totals is observed seconds."""

    def __init__(self, columns: int, tiers: Sequence[Tier]) -> None:
        self._totals: Sums = np.zeros((columns + 1, 0))
        self._tiers = tuple(tiers)
        self._checkpoints: list[list[_Checkpoint]] = [[] for _ in tiers]

    def advance(self, at: float, rates: Sums, seconds: float) -> None:
        """Add ``rates`` (columns, rows; 1/s, NaN is not observed) over the ``seconds`` that end at ``at``."""
        self._widen(rates.shape[1])
        self._keep(at - seconds)
        observed = np.isfinite(rates).any(axis=0)
        self._totals[:-1] += np.nan_to_num(rates) * seconds
        self._totals[-1] += observed * seconds

    def window(self, at: float, seconds: float, rows: int) -> Window:
        """Sums of the first ``rows`` over the last ``seconds`` before ``at``, or over what there is of them."""
        self._widen(rows)
        then = self._at(at - seconds)
        grown = self._totals.copy()
        if then is not None:
            grown[:, : then.shape[1]] -= then
        return Window(grown[:-1, :rows], grown[-1, :rows])

    def _at(self, start: float) -> Sums | None:
        """Totals at the newest checkpoint not after ``start``, else the oldest known."""
        oldest: _Checkpoint | None = None
        for kept in self._checkpoints:
            for point in reversed(kept):
                if point.at <= start + 1e-6:
                    return point.totals
            if kept and (oldest is None or kept[0].at < oldest.at):
                oldest = kept[0]
        return oldest.totals if oldest else None

    def _keep(self, at: float) -> None:
        for tier, kept in zip(self._tiers, self._checkpoints, strict=True):
            if not kept or at - kept[-1].at >= tier.seconds - 1e-6:
                kept.append(_Checkpoint(at, self._totals.copy()))
                del kept[: -tier.slots]

    def _widen(self, rows: int) -> None:
        missing = rows - self._totals.shape[1]
        if missing > 0:
            self._totals = np.pad(self._totals, ((0, 0), (0, missing)))
