"""Statistics of the versions: whole numbers and durations as a matrix, and executions by batch size."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import get_type_hints

import numpy as np

from console.domain.fleet import ModelVersion
from console.domain.triton import VersionStatistics
from console.storage._blobs import Inlet, Outlet
from console.storage._matrix import GRID, Grid, Matrix
from console.storage._numbers import Codes, Deltas
from console.storage._part import PartReader, PartWriter
from console.storage._schema_plain import Plain

# Servers count nanoseconds, and the console has them as so many ms.
_NS = 1e-6
_FIELDS = VersionStatistics._fields
_HINTS = get_type_hints(VersionStatistics)
_WHOLE = tuple(name for name in _FIELDS if _HINTS[name] is int)
_TIMES = tuple(name for name in _FIELDS if _HINTS[name] is float)
_ROWS = (*((name, 0.0) for name in _WHOLE), *((name, _NS) for name in _TIMES))
_UNITS = np.array([[_NS]])
Sizes = list[Sequence[int]]


class _Batches:
    """Executions by batch size, of all versions in a row; one on each side, in step."""

    def __init__(self) -> None:
        self.sizes: Sizes = []
        self._deltas = Deltas()

    def reset(self) -> None:
        self.sizes = []
        self._deltas.reset()

    def turn(self, sizes: Sizes) -> None:
        """From here on these are the sizes; counts of those that were there before keep their place in time."""
        known = iter(self._deltas.before[0].tolist() if self._deltas.before.size else ())
        before = [dict(zip(each, known, strict=False)) for each in self.sizes]
        before += [{} for _ in range(len(before), len(sizes))]
        flat = [old.get(size, 0) for each, old in zip(sizes, before, strict=False) for size in each]
        self._deltas.rebase(np.array([flat], dtype=np.int64))
        self.sizes = sizes

    def write(self, counts: Codes) -> bytes:
        return self._deltas.write(counts)

    def read(self, raw: bytes) -> list[dict[int, int]]:
        codes = self._deltas.read(raw, 1, sum(map(len, self.sizes)))
        counts = iter(codes.view(np.uint64)[0].tolist())
        # The sizes come first, so that each takes as many counts as it has sizes.
        return [dict(zip(each, counts, strict=False)) for each in self.sizes]


class StatisticsWriter(PartWriter):
    """Written as [number, grid, whole numbers, durations, how far off, sizes, counts]; each object has its own number.

    The grid is None while it is as before; so are the sizes, or they are a table of those that changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._whole, self._times, self._batches = Deltas(), Matrix(), _Batches()
        self._keys: tuple[ModelVersion, ...] | None = None
        self._kept: object = None
        self._number = 0

    def reset(self) -> None:
        super().reset()
        self._whole.reset()
        self._times.reset()
        self._batches.reset()
        self._keys = None

    def write(self, value: tuple[VersionStatistics, ...], outlet: Outlet) -> Plain:
        if value is not self._kept:
            self._kept, self._number = value, self._number + 1
        columns = dict(zip(_FIELDS, zip(*value, strict=True) if value else [()] * len(_FIELDS), strict=True))
        keys = columns["key"]
        grid = None if keys == self._keys else outlet.refer(GRID, Grid(_ROWS, keys))
        if grid is not None:
            self._keys = keys
            self._batches.reset()
        whole = self._whole.write(np.array([_whole(columns[name]) for name in _WHOLE]))
        times = np.array([columns[name] for name in _TIMES], dtype=np.float64)
        changed = self._turn([tuple(each) for each in columns["batches"]])
        counts = _whole(list(chain.from_iterable(each.values() for each in columns["batches"])))
        return [
            self._number,
            grid,
            whole,
            *self._times.write(times, _UNITS),
            changed,
            self._batches.write(counts[None, :]),
        ]

    def _turn(self, sizes: Sizes) -> Plain:
        """Which sizes are not as before."""
        before = self._batches.sizes
        if sizes == before:
            return None
        self._batches.turn(sizes)
        if len(before) != len(sizes):
            return sizes
        return {place: now for place, (now, old) in enumerate(zip(sizes, before, strict=True)) if now != old}


def _whole(column: Sequence[int]) -> Codes:
    """Whole numbers of 64 bits; raises TypeError or OverflowError for others."""
    return np.frombuffer(array("Q", column), dtype=np.int64)


class StatisticsReader(PartReader):
    """The other side; what has the same number is the same object, also across key frames."""

    def __init__(self) -> None:
        super().__init__()
        self._whole, self._times, self._batches = Deltas(), Matrix(), _Batches()
        self._grid = Grid((), ())
        self._kept: tuple[Plain, tuple[VersionStatistics, ...]] = (None, ())

    def reset(self) -> None:
        self._whole.reset()
        self._times.reset()
        self._batches.reset()

    def read(self, plain: Plain, inlet: Inlet) -> tuple[VersionStatistics, ...]:
        number, grid, whole, times, off, sizes, counts = plain
        if grid is not None:
            self._grid = inlet.get(grid, GRID)
            self._batches.reset()
        self._turn(sizes)
        inlet.spend(len(self._grid.rows) * len(self._grid.keys))
        columns = self._columns(whole, [times, off])
        batches = self._batches.read(counts)
        if self._kept[0] != number:
            self._kept = number, _rows(self._grid.keys, columns, batches)
        return self._kept[1]

    def _columns(self, whole: Plain, times: list[Plain]) -> dict[str, list[float]]:
        """The rows of the grid by name."""
        rows, keys = self._grid
        counted = [name for name, unit in rows if not unit]
        timed = [(name, unit) for name, unit in rows if unit]
        units = np.array([[unit] for _, unit in timed]).reshape(-1, 1)
        codes = self._whole.read(whole, len(counted), len(keys)).view(np.uint64)
        values = self._times.read(times, len(timed), len(keys), units)
        found: dict[str, list[float]] = dict(zip(counted, codes.tolist(), strict=True))
        return found | dict(zip((name for name, _ in timed), values.tolist(), strict=True))

    def _turn(self, sizes: Plain) -> None:
        if sizes is None:
            return
        if isinstance(sizes, list):
            now = [_sizes(each) for each in sizes]
        elif isinstance(sizes, dict):
            now = list(self._batches.sizes)
            for place, each in sizes.items():
                if type(place) is not int or not 0 <= place < len(now):
                    raise ValueError("batch sizes of nothing")
                now[place] = _sizes(each)
        else:
            raise ValueError("not batch sizes")  # noqa: TRY004 - one error type for every odd recording
        self._batches.turn(now)


def _sizes(plain: Plain) -> Sequence[int]:
    if isinstance(plain, list) and all(type(each) is int for each in plain):
        return plain
    raise ValueError("not batch sizes")


def _rows(
    keys: tuple[ModelVersion, ...], columns: dict[str, list[float]], batches: list[dict[int, int]]
) -> tuple[VersionStatistics, ...]:
    if len(batches) != len(keys):
        raise ValueError("batch sizes that do not fit their versions")
    later = {name: [value] * len(keys) for name, value in VersionStatistics._field_defaults.items()}
    known = {**later, **columns, "key": keys, "batches": batches}
    if any(name not in known for name in _FIELDS):
        raise ValueError("statistics that are not whole")
    return tuple(map(VersionStatistics, *(known[name] for name in _FIELDS)))
