"""Fixed-size memory of many rows: full resolution for minutes, buckets for hours.

Slot-major float32 rings: an append writes one contiguous block, and a window over all
rows is one slice. NaN is unknown.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
_FIRST_ROWS = 64
# One ring's share of the console's memory, and what a chart needs at the least.
BUDGET_BYTES = 128 * 2**20
LEAST_SLOTS = 60


class Tier(NamedTuple):
    """One resolution: a slot every ``seconds`` (0 is every append), ``slots`` of them."""

    seconds: float
    slots: int


class Ring:
    """A ring of blocks of shape (columns, rows), with the time of each.

    It keeps ``slots`` of them, or as many as fit into ``budget`` bytes once there are
    many rows, and never fewer than ``LEAST_SLOTS``.
    """

    def __init__(self, columns: int, slots: int, budget: int = BUDGET_BYTES) -> None:
        self.slots = slots
        self.count = 0
        self._budget = budget
        self._next = 0
        self._at = np.full(slots, np.nan)
        self._data: Block = np.empty((slots, columns, _FIRST_ROWS), dtype=np.float32)
        self._rows = np.zeros(slots, dtype=np.int64)

    def append(self, at: float, block: Block) -> None:
        """Add one block; rows beyond the ones seen before make the ring grow."""
        rows = block.shape[1]
        if rows > self._data.shape[2]:
            self._grow(rows)
        self._data[self._next, :, :rows] = block
        self._rows[self._next] = rows
        self._at[self._next] = at
        self._next = (self._next + 1) % self.slots
        self.count = min(self.count + 1, self.slots)

    def _grow(self, rows: int) -> None:
        """Make room for more rows, if need be at the price of the oldest slots."""
        columns, had = self._data.shape[1:]
        capacity = max(rows, had * 2)
        fitting = self._budget // (columns * capacity * self._data.itemsize)
        slots = min(self.slots, max(fitting, LEAST_SLOTS))
        kept = self._order()[-slots:]
        larger: Block = np.empty((slots, columns, capacity), dtype=np.float32)
        larger[: len(kept), :, :had] = self._data[kept]
        times, known = np.full(slots, np.nan), np.zeros(slots, dtype=np.int64)
        times[: len(kept)], known[: len(kept)] = self._at[kept], self._rows[kept]
        self._data, self._at, self._rows = larger, times, known
        self.slots, self.count, self._next = slots, len(kept), len(kept) % slots

    def _order(self) -> NDArray[np.intp]:
        """Slot numbers in use, oldest first."""
        start = (self._next - self.count) % self.slots
        return (start + np.arange(self.count)) % self.slots

    def since(self, at: float) -> NDArray[np.intp]:
        """Slots whose time is after ``at``, oldest first."""
        order = self._order()
        return order[self._at[order] > at]

    def times(self, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """Time of each slot."""
        return self._at[slots]

    def series(self, slots: NDArray[np.intp], column: int, row: int) -> NDArray[np.float64]:
        """One column of one row; NaN where the row was not yet known."""
        values = np.full(len(slots), np.nan)
        if row < self._data.shape[2]:
            # What was never written is anything, also what cannot be converted.
            known = self._rows[slots] > row
            values[known] = self._data[slots[known], column, row]
        return values


class Bucket:
    """Gathers blocks until a slot of a coarser tier is full; keeps sum, count, least and greatest."""

    def __init__(self, columns: int, seconds: float) -> None:
        self._columns = columns
        self.seconds = seconds
        self._ends = -np.inf
        self._stats: tuple[Block, Block, Block, Block] | None = None

    def add(self, at: float, block: Block) -> tuple[float, Block, Block, Block] | None:
        """Add one block; returns (end, mean, min, max) of the bucket that it closes, if any."""
        closed = None
        if at >= self._ends:
            closed = self._close()
            self._ends = (np.floor(at / self.seconds) + 1) * self.seconds
        self._gather(block)
        return closed

    def _close(self) -> tuple[float, Block, Block, Block] | None:
        if self._stats is None:
            return None
        total, known, least, most = self._stats
        self._stats = None
        empty = known == 0
        mean = np.divide(total, known, out=np.full_like(total, np.nan), where=~empty)
        least[empty] = np.nan
        most[empty] = np.nan
        return self._ends, mean, least, most

    def _gather(self, block: Block) -> None:
        rows = block.shape[1]
        stats = self._stats = self._widened(rows)
        total, known, least, most = (part[:, :rows] for part in stats)
        finite = np.isfinite(block)
        total += np.where(finite, block, 0)
        known += finite
        np.fmin(least, block, out=least)
        np.fmax(most, block, out=most)

    def _widened(self, rows: int) -> tuple[Block, Block, Block, Block]:
        if self._stats is not None and self._stats[0].shape[1] >= rows:
            return self._stats
        shape = (self._columns, rows)
        fresh = tuple(np.full(shape, fill, dtype=np.float32) for fill in (0, 0, np.inf, -np.inf))
        if self._stats is not None:
            for new, old in zip(fresh, self._stats, strict=True):
                new[:, : old.shape[1]] = old
        return fresh[0], fresh[1], fresh[2], fresh[3]


class Track:
    """History of named columns for a growing set of rows, over tiers of resolution.

    ``budget`` bounds the bytes of each tier. Buckets keep their least and greatest besides the mean, unless
    ``extremes`` is off.
    """

    def __init__(
        self,
        columns: Sequence[str],
        fine: Tier,
        coarse: Sequence[Tier] = (),
        budget: int = BUDGET_BYTES,
        *,
        extremes: bool = True,
    ) -> None:
        self.columns = {name: i for i, name in enumerate(columns)}
        self.fine = Ring(len(columns), fine.slots, budget)
        self._kept = 3 if extremes else 1
        self._coarse = [
            (Bucket(len(columns), tier.seconds), Ring(self._kept * len(columns), tier.slots, budget))
            for tier in coarse
        ]

    def append(self, at: float, block: Block) -> None:
        """Add one block of shape (columns, rows) at a time (monotonic seconds, never going back)."""
        self.fine.append(at, block)
        for bucket, ring in self._coarse:
            closed = bucket.add(at, block)
            if closed is not None:
                end, *blocks = closed
                ring.append(end, np.concatenate(blocks[: self._kept]))

    def series(self, column: str, row: int, since: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times and values after ``since``: buckets first (their means), full resolution where it reaches."""
        index = self.columns[column]
        slots = self.fine.since(since)
        times, values = self.fine.times(slots), self.fine.series(slots, index, row)
        for _, ring in self._coarse:
            reach = times[0] if len(times) else np.inf
            older = ring.since(since)
            older = older[ring.times(older) < reach]
            times = np.concatenate((ring.times(older), times))
            values = np.concatenate((ring.series(older, index, row), values))
        return times, values
