"""Whether two values are the same in all that can be seen: types, bits of floats, the content of arrays."""

import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isnan
from typing import Any

import numpy as np


def alike(one: Any, other: Any) -> bool:
    """Any NaN is the same as any other; mappings may be of another type, and are in one order."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return alike(tuple(one.items()), tuple(other.items()))
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and alike((one.shape, one.tolist()), (other.shape, other.tolist()))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(alike, one, other))
    if is_dataclass(one):
        return alike(_members(one), _members(other))
    return _bits(one) == _bits(other) if isinstance(one, float) else bool(one == other)


def _members(record: Any) -> list[Any]:
    return [getattr(record, each.name) for each in fields(record)]


def _bits(number: float) -> bytes:
    return b"" if isnan(number) else struct.pack("d", number)
