"""A state that was read back, in words."""

from collections.abc import Mapping

from console.domain.states import Json
from console.domain.text import visible

_LONGEST = 60
_MOST = 8


def state_words(state: Json, limit: int = 200) -> str:
    """``weight 50, state ready``; a state that is None could not be read."""
    return visible("cannot be read" if state is None else _words(state), limit)


def _words(state: Json) -> str:
    if isinstance(state, Mapping):
        parts = [_member(str(key), state[key]) for key in list(state)[:_MOST]]
        return ", ".join(parts) + _rest(len(state)) if parts else "nothing"
    if isinstance(state, list | tuple):
        return ", ".join(_inner(each) for each in state[:_MOST]) + _rest(len(state)) if state else "none"
    return _scalar(state)


def _member(key: str, value: Json) -> str:
    return f"{visible(key.replace('_', ' '), _LONGEST)} {_inner(value)}"


def _inner(value: Json) -> str:
    nested = isinstance(value, Mapping) and value
    several = isinstance(value, list | tuple) and len(value) > 1
    return f"({_words(value)})" if nested or several else _words(value)


def _rest(number: int) -> str:
    return f" and {number - _MOST} more" if number > _MOST else ""


def _scalar(state: Json) -> str:
    if state is None:
        return "none"
    if isinstance(state, bool):
        return "yes" if state else "no"
    if isinstance(state, float):
        return f"{state:g}"
    return visible(str(state), _LONGEST) or "empty"
