"""Values of the domain as JSON for people and their scripts: every field by its name."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from console.domain.states import Json


def plain(value: object) -> Json:
    """The value as JSON; what JSON cannot say is null (a number that is none) or its text."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    members = _members(value)
    if members is not None:
        return {str(name): plain(each) for name, each in members.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else str(value)


def _members(value: object) -> Mapping[object, object] | None:
    """What has names: a mapping, a named tuple, a dataclass."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return None
