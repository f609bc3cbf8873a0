"""The deploy lock: who froze deploys, why, since when and until when."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from console.domain.states import Json


class Lock(NamedTuple):
    """A deploy lock, times in epoch seconds. ``plan`` is the id of the freeze; ``undo`` holds the steps (as
    JSON) that restore what else the freeze changed, so that any console can unfreeze.
    """

    who: str
    why: str
    since: float
    until: float | None
    scope: str
    plan: str = ""
    undo: tuple[Mapping[str, Json], ...] = ()

    def expired(self, now: float) -> bool:
        """Whether the lock's time is over."""
        return self.until is not None and now >= self.until


class LockReading(NamedTuple):
    """What one look at the deploy lock says; None is no lock."""

    lock: Lock | None


def holder(raw: Any) -> bool:
    """Whether a JSON value looks like a lock at all."""
    return isinstance(raw, Mapping) and "who" in raw and "since" in raw
