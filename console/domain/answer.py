"""Comparing a model's answer with the one expected."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from console.domain.text import visible

_SHOWN = 60


def first_difference(outputs: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float) -> str:
    """The first difference in words, empty when there is none.

    Outputs map a name to nested data; numbers may differ by ``tolerance`` (absolute),
    everything else must be equal. Outputs that are not expected are not looked at.
    """
    for name, data in expected.items():
        if name not in outputs:
            return f"{name}: missing from the answer"
        got, want = list(flat(outputs[name])), list(flat(data))
        if len(got) != len(want):
            return f"{name}: {len(got)} values, expected {len(want)}"
        for position, (value, wanted) in enumerate(zip(got, want, strict=True)):
            if not _equal(value, wanted, tolerance):
                return f"{name}[{position}]: {_shown(value)}, expected {_shown(wanted)}"
    return ""


def _shown(value: Any) -> str:
    return visible(repr(value), _SHOWN)


def flat(data: Any) -> Iterator[Any]:
    """Values in row-major order, without recursion: answers may be nested to any depth."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (list, tuple)):
            waiting.extend(reversed(value))
        else:
            yield value


def _equal(value: Any, wanted: Any, tolerance: float) -> bool:
    numbers = (int, float)
    if isinstance(value, numbers) and isinstance(wanted, numbers):
        try:
            return bool(np.isclose(float(value), float(wanted), rtol=0.0, atol=tolerance, equal_nan=True))
        except OverflowError:
            # Whole numbers beyond every float, which JSON may hold.
            return value == wanted
    return bool(value == wanted)
