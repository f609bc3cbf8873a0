"""Takes the fleet's secrets out of what is shown, wherever they come from: a server may echo what it was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

from console.domain.secret import Secret, redact

T = TypeVar("T")


def hidden(value: T, secrets: Sequence[Secret]) -> T:
    """The same value with the secrets gone from every text in it; for showing, never for acting."""
    return cast("T", _hidden(value, secrets)) if secrets else value


def _hidden(value: Any, secrets: Sequence[Secret]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else redact(value, secrets)
    if isinstance(value, Mapping):
        return {_hidden(key, secrets): _hidden(each, secrets) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_hidden(each, secrets) for each in value))
    if isinstance(value, list | tuple):
        return type(value)(_hidden(each, secrets) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _hidden(getattr(value, f.name), secrets) for f in fields(value)})
    return value
