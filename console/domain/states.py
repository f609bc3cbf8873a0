"""JSON values: what a control reads back, and how an expectation is held against it."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from console.domain.text import visible

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


def holds(expected: Json, actual: Json) -> bool:
    """Whether all that is expected is so: an object may have more members, anything else must be equal."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and holds(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            return False
        return all(holds(one, other) for one, other in zip(expected, actual, strict=True))
    return expected == actual


def canonical(value: Json) -> str:
    """The one text of a value: sorted, compact, ASCII; raises ValueError for what JSON cannot say."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def brief(value: Json, limit: int = 160) -> str:
    """A value in one short, harmless line."""
    return visible(canonical(value), limit)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise ValueError(f"not JSON: {type(value).__name__}")
