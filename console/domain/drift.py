"""Drift: what a standing plan changed and somebody else has undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from console.domain.states import Json, canonical, holds
from console.domain.text import visible

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that a standing plan changed and that is no longer so: states in words."""

    plan: str
    control: str
    subject: str
    was: Json
    now: Json

    @property
    def sentence(self) -> str:
        """What was undone: ``weight of triton/v2 was 10, is 100``."""
        was, now = _differing(self.was, self.now)
        return f"{self.subject} was {_words(was)}, is {_words(now)}"


class DriftReading(NamedTuple):
    """Every drift that one look at the standing plans found."""

    drifts: tuple[Drift, ...]


def _differing(was: Json, now: Json) -> tuple[Json, Json]:
    """Two states without the members that are as expected."""
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return was, now
    names = [name for name in was if name not in now or not holds(was[name], now[name])]
    pairs = {name: _differing(was[name], now.get(name)) for name in names}
    return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}


def _words(state: Json) -> str:
    if isinstance(state, Mapping) and len(state) == 1:
        return _words(next(iter(state.values())))
    if state is None:
        return "nothing"
    if isinstance(state, float) and state.is_integer():
        return f"{state:.0f}"
    return visible(state if isinstance(state, str) else canonical(state), _LONGEST)
