"""Counters and histograms: many floats under names."""

from itertools import chain
from typing import NamedTuple

import numpy as np

from console.domain.counters import Counters
from console.domain.families import FAMILIES, ROWS, F
from console.domain.fleet import ModelVersion
from console.domain.triton import Histogram
from console.storage._blobs import Inlet, Outlet
from console.storage._matrix import GRID, Grid, Matrix
from console.storage._numbers import Floats
from console.storage._part import PartReader, PartWriter
from console.storage._schema import kind
from console.storage._schema_plain import Plain, text


class Buckets(NamedTuple):
    """Whose each histogram is, and its bounds."""

    keys: tuple[ModelVersion, ...]
    bounds: tuple[tuple[float, ...], ...]


_BUCKETS = kind(Buckets)

_UNIT_OF = {family.row: family.scale for families in FAMILIES.values() for family in families}
_ROWS = tuple((row.name, _UNIT_OF.get(row, 1.0)) for row in F)
_UNITS = np.array([[unit] for _, unit in _ROWS])


class CountersWriter(PartWriter):
    """Written as [grid, source, values, how far off]; of the first two, what is as before is None."""

    def __init__(self) -> None:
        super().__init__()
        self._matrix = Matrix()
        self._keys: tuple[ModelVersion, ...] | None = None
        self._source: str | None = None

    def reset(self) -> None:
        super().reset()
        self._matrix.reset()
        self._keys = self._source = None

    def write(self, value: Counters, outlet: Outlet) -> Plain:
        values = np.ascontiguousarray(value.values, dtype=np.float64)
        if values.shape != (ROWS, len(value.keys)):
            raise ValueError("counters that do not fit their names")
        same = self._keys is value.keys or self._keys == value.keys
        grid = None if same else outlet.refer(GRID, Grid(_ROWS, value.keys))
        source = None if self._source == value.source else outlet.packer.text(value.source)
        self._keys, self._source = value.keys, value.source
        return [grid, source, *self._matrix.write(values, _UNITS)]


class CountersReader(PartReader):
    """The other side."""

    def __init__(self) -> None:
        super().__init__()
        self._matrix = Matrix()
        self._grid = Grid((), ())
        self._source = ""

    def reset(self) -> None:
        self._matrix.reset()

    def read(self, plain: Plain, inlet: Inlet) -> Counters:
        grid, source, *matrix = plain
        if grid is not None:
            self._grid = inlet.get(grid, GRID)
        if source is not None:
            self._source = text(source)
        rows, keys = self._grid
        inlet.spend(len(rows) * len(keys))
        units = _UNITS if rows == _ROWS else np.array([[unit] for _, unit in rows]).reshape(-1, 1)
        values = self._matrix.read(matrix, len(rows), len(keys), units)
        return Counters(keys, values if rows == _ROWS else _today(rows, values), self._source)


def _today(rows: tuple[tuple[str, float], ...], values: Floats) -> Floats:
    """The rows that the console has now; what was not kept then is unknown."""
    found = np.full((ROWS, values.shape[1]), np.nan)
    for row, (name, _) in zip(values, rows, strict=True):
        if name in F.__members__:
            found[F[name]] = row
    return found


class HistogramsWriter(PartWriter):
    """Written as [buckets, counts, how far off]; buckets are None while they are as before."""

    def __init__(self) -> None:
        super().__init__()
        self._matrix = Matrix()
        self._buckets: Buckets | None = None

    def reset(self) -> None:
        super().reset()
        self._matrix.reset()
        self._buckets = None

    def write(self, value: dict[ModelVersion, Histogram], outlet: Outlet) -> Plain:
        buckets = Buckets(tuple(value), tuple(each.bounds_ms for each in value.values()))
        counts = np.array(
            [list(chain.from_iterable(each.counts for each in value.values()))], dtype=np.float64
        )
        if any(len(each.counts) != len(each.bounds_ms) for each in value.values()):
            raise ValueError("a histogram that does not fit its bounds")
        place = None if self._buckets == buckets else outlet.refer(_BUCKETS, buckets)
        self._buckets = buckets
        return [place, *self._matrix.write(counts, _ONE)]


_ONE = np.array([[1.0]])


class HistogramsReader(PartReader):
    """The other side."""

    def __init__(self) -> None:
        super().__init__()
        self._matrix = Matrix()
        self._buckets = Buckets((), ())

    def reset(self) -> None:
        self._matrix.reset()

    def read(self, plain: Plain, inlet: Inlet) -> dict[ModelVersion, Histogram]:
        place, *matrix = plain
        if place is not None:
            self._buckets = inlet.get(place, _BUCKETS)
        keys, bounds = self._buckets
        size = sum(map(len, bounds))
        inlet.spend(size)
        values = self._matrix.read(matrix, 1, size, _ONE)
        counts = iter(values[0].tolist())
        # The bounds come first, so that each takes as many counts as it has bounds.
        taken = [
            Histogram(each, tuple([count for _, count in zip(each, counts, strict=False)])) for each in bounds
        ]
        return dict(zip(keys, taken, strict=True))
