"""Matrices of floats under names.

Which names, and what a unit of each row is, is a content of its own: a reader knows what each row was, whatever rows
the console has by then.
"""

from typing import NamedTuple

from console.domain.fleet import ModelVersion
from console.storage._numbers import Deltas, Floats, unit_codes, unit_values
from console.storage._schema import kind
from console.storage._schema_plain import Plain


class Grid(NamedTuple):
    """What a matrix holds: name and unit of each row (0 is whole numbers of 64 bits), and whose each column is."""

    rows: tuple[tuple[str, float], ...]
    keys: tuple[ModelVersion, ...]


GRID = kind(Grid)


class Matrix:
    """Values with how far sums of units are off; one on each side, in step."""

    def __init__(self) -> None:
        self._codes, self._off = Deltas(), Deltas()

    def reset(self) -> None:
        """The next ones stand for themselves."""
        self._codes.reset()
        self._off.reset()

    def write(self, values: Floats, units: Floats) -> list[Plain]:
        """The next ones; the second member is None while nothing is off."""
        codes, off = unit_codes(values, units)
        return [self._codes.write(codes), None if off is None else self._off.write(off)]

    def read(self, plain: list[Plain], rows: int, columns: int, units: Floats) -> Floats:
        """The next ones; raises ValueError for what holds no such matrix."""
        raw, off = plain
        codes = self._codes.read(raw, rows, columns)
        return unit_values(codes, units, None if off is None else self._off.read(off, rows, columns))
