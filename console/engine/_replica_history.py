"""History of every version on every target: what localises a fault."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.history import Tier, Track
from console.domain.snapshot import Points
from console.engine._merge import HISTORY, PERCENTILES, Gathered, gather, history_block
from console.engine._series import column_points
from console.engine._target import TargetMemory

# Five minutes as polled and half an hour in buckets; with thousands of rows less, for the memory of each.
_FINE, _COARSE = Tier(0, 300), Tier(10, 180)
_BUDGET_BYTES = 32 * 2**20
# Above this a fleet is known by its models alone.
ROWS_LIMIT = 20_000


class ReplicaHistory:
    """Columns of each (target, model, version): those of the models' history, and a row that is gone stays a while."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """Begin with an empty book."""
        self._rows: dict[tuple[str, ModelVersion], int] = {}
        self._columns: dict[str, tuple[tuple[ModelVersion, ...], NDArray[np.intp]]] = {}
        self._track = Track(HISTORY, _FINE, (_COARSE,), _BUDGET_BYTES, extremes=False)

    def tick(self, targets: Sequence[TargetMemory], mono: float) -> None:
        """Keep one slot of every target's newest rates, unknown where they are stale."""
        if len(self._rows) > ROWS_LIMIT:
            self._begin()
        gathered = gather(targets, mono)
        if gathered is not None and len(gathered.serving) <= ROWS_LIMIT:
            self._track.append(mono, self._block(targets, gathered))
        elif self._rows:
            self._track.append(mono, self._unknown())

    def _block(self, targets: Sequence[TargetMemory], gathered: Gathered) -> NDArray[np.float32]:
        rows = np.concatenate(
            [self._of(targets[number].name, newest.counters.keys) for number, newest in gathered.fresh]
        )
        values = gathered.values
        block = self._unknown()
        block[:, rows] = history_block(gathered.rates, values[F.PENDING], values[list(PERCENTILES)])
        return block

    def _unknown(self) -> NDArray[np.float32]:
        return np.full((len(HISTORY), len(self._rows)), np.nan, dtype=np.float32)

    def _of(self, target: str, keys: tuple[ModelVersion, ...]) -> NDArray[np.intp]:
        """Rows of a target's columns."""
        known = self._columns.get(target)
        if known is None or known[0] is not keys:
            rows = [self._rows.setdefault((target, key), len(self._rows)) for key in keys]
            known = self._columns[target] = (keys, np.array(rows, dtype=np.intp))
        return known[1]

    def series(self, target: str, key: ModelVersion, column: str, since: float, offset: float) -> Points:
        """One column after a monotonic time; ``offset`` turns times into epoch seconds."""
        return column_points(self._track, self._rows.get((target, key)), column, since, offset)
