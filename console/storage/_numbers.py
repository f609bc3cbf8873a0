"""Numbers as few bytes: floats as the whole numbers that they stand for, what differs from before, and bytes by weight.

Every float64 has one code and comes back bit for bit (NaN as one NaN). A value that is so many whole units has their
number as its code; a value that is not is coded by its bits, far from those.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_NAN = -1
_LARGEST = 2**51
_MAGNITUDE = 2**63 - 1
_MICRO = 1e6
_PLANES = np.arange(8)
_NO_CODES: Codes = np.zeros((0, 0), dtype=np.int64)
# How far from a whole number of units a sum of such may lie, in units of the last place.
_NEAR = 127


def unit_codes(values: Floats, units: Any) -> tuple[Codes, Codes | None]:
    """Codes of values that are multiples of ``units`` (which broadcast), and how far each is off, None where none is.

    Sums of several multiples are off by some units of the last place.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        codes = np.rint(values / units).astype(np.int64)
        exact = np.ascontiguousarray(codes * units).view(np.int64)
    bits = values.view(np.int64)
    whole = (codes >= 0) & (codes <= _LARGEST)
    off = bits - exact
    if (whole & (off == 0)).all():
        return codes, None
    # Of floats of one sign the distance of their bits is that in units of the last place.
    near = whole & (np.abs(off) <= _NEAR)
    off = np.where(near, off, 0)
    return np.where(near, codes, _by_bits(bits, values)), off if off.any() else None


def unit_values(codes: Codes, units: Any, off: Codes | None = None) -> Floats:
    """The values of codes."""
    values = np.ascontiguousarray(codes * units)
    if off is not None:
        bits = values.view(np.int64)
        bits += off
    return _with_bits(codes, values)


def decimal_codes(values: Floats) -> Codes:
    """Codes of values that are whole, or have at most six decimals."""
    with np.errstate(invalid="ignore", over="ignore"):
        wholes = np.rint(values).astype(np.int64)
        micros = np.rint(values * _MICRO).astype(np.int64)
    bits = values.view(np.int64)
    is_whole = _is(wholes, wholes.astype(np.float64), bits)
    is_micro = _is(micros, micros / _MICRO, bits)
    return np.where(is_whole, wholes << 1, np.where(is_micro, micros << 1 | 1, _by_bits(bits, values)))


def decimal_values(codes: Codes) -> Floats:
    """The values of codes."""
    halves = (codes >> 1).astype(np.float64)
    return _with_bits(codes, np.where(codes & 1, halves / _MICRO, halves))


def _is(codes: Codes, values: Floats, bits: Codes) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (codes >= 0) & (codes < _LARGEST >> 1) & (values.view(np.int64) == bits)
    return found


def _by_bits(bits: Codes, values: Floats) -> Codes:
    """Below NaN's code what is positive, above the largest number of units what is negative."""
    codes = np.where(bits >= 0, -2 - bits, (bits & _MAGNITUDE) + (_LARGEST + 1))
    return np.where(np.isnan(values), _NAN, codes)


def _with_bits(codes: Codes, values: Floats) -> Floats:
    small, large = codes < 0, codes > _LARGEST
    if not (small.any() or large.any()):
        return values
    bits = np.where(small, -2 - codes, (codes - (_LARGEST + 1)) | np.int64(-(2**63)))
    raw = np.where(small | large, bits, values.view(np.int64)).view(np.float64)
    return np.where(codes == _NAN, np.nan, raw)


class Deltas:
    """Matrices of codes, each as what differs from the one before; one on each side, in step."""

    def __init__(self) -> None:
        self._before = _NO_CODES

    def reset(self) -> None:
        """The next one stands for itself."""
        self._before = _NO_CODES

    def rebase(self, before: Codes) -> None:
        """The next one differs from this."""
        self._before = before

    @property
    def before(self) -> Codes:
        """The newest one."""
        return self._before

    def write(self, codes: Codes) -> bytes:
        """The next one as bytes."""
        differing = codes - self._before if codes.shape == self._before.shape else codes
        self._before = codes
        return pack(differing)

    def read(self, raw: bytes, rows: int, columns: int) -> Codes:
        """The next one; raises ValueError for bytes that hold no such matrix."""
        differing = unpack(raw, rows, columns)
        codes = differing + self._before if differing.shape == self._before.shape else differing
        self._before = codes
        return codes


def pack(codes: Codes) -> bytes:
    """A matrix: of each row how many bytes its greatest number takes, then its bytes, the lowest of all columns first.

    What is alike stands together, so that compression finds it.
    """
    folded = np.ascontiguousarray((codes << 1) ^ (codes >> 63))
    rows, columns = folded.shape
    if not folded.size:
        return b""
    planes = folded.view(np.uint8).reshape(rows, columns, 8).transpose(0, 2, 1)
    present: NDArray[np.bool_] = planes.max(axis=2) > 0
    used = np.where(present, _PLANES + 1, 0).max(axis=1)
    kept: NDArray[np.uint8] = planes[used[:, None] > _PLANES]
    return b"".join((used.astype(np.uint8).tobytes(), kept.tobytes()))


def unpack(raw: bytes, rows: int, columns: int) -> Codes:
    """The matrix again; raises ValueError unless the bytes hold exactly one of that shape."""
    if not rows * columns:
        if raw:
            raise ValueError("numbers where none are expected")
        return np.zeros((rows, columns), dtype=np.int64)
    used = np.frombuffer(raw[:rows], dtype=np.uint8)
    if len(used) < rows or (used > 8).any() or int(used.sum()) * columns != len(raw) - rows:
        raise ValueError("numbers that are cut short")
    planes = np.zeros((rows, 8, columns), dtype=np.uint8)
    planes[used[:, None] > _PLANES] = np.frombuffer(raw, dtype=np.uint8, offset=rows).reshape(-1, columns)
    folded = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(np.uint64)[:, :, 0]
    found: Codes = (folded >> np.uint64(1)).view(np.int64) ^ -(folded & np.uint64(1)).view(np.int64)
    return found
