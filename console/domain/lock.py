"""The deploy lock: who froze deploys, why, since when and until when; as values and as the JSON that pipelines read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from console.domain.instant import instant
from console.domain.states import Json
from console.domain.text import visible

_HALF_DAY_S = 12 * 3600.0

SOURCE = "deploy lock"
"""The name of the source whose samples are looks at the lock."""


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

    def held(self, now: float) -> str:
        """By whom, since when and why: ``by ana@bastion since 08:53Z (12 min): p99 of ranker``."""
        whom = visible(self.who, 60) or "somebody"
        why = f": {visible(self.why, 120)}" if self.why else ""
        return f"by {whom} since {moment(self.since, now)} ({_long(now - self.since)}){why}"


class LockReading(NamedTuple):
    """What one look at the deploy lock says; None is no lock."""

    lock: Lock | None


def holder(raw: Any) -> bool:
    """Whether a JSON value looks like a lock at all."""
    return isinstance(raw, Mapping) and "who" in raw and "since" in raw


def lock_json(lock: Lock) -> dict[str, Json]:
    """The lock as pipelines read it: times ISO 8601 UTC, ``until`` null where it never ends."""
    raw: dict[str, Json] = {
        "who": lock.who,
        "why": lock.why,
        "since": _written(lock.since),
        "until": None if lock.until is None else _written(lock.until),
        "scope": lock.scope,
        "plan": lock.plan,
    }
    return {**raw, "undo": list(lock.undo)} if lock.undo else raw


def read_lock(raw: Any) -> Lock:
    """A lock from its JSON; raises ValueError that says what is wrong. Only ``who`` and ``since`` are needed."""
    if not holder(raw):
        raise ValueError('not a deploy lock: an object with "who" and "since" is expected')
    until, undo = raw.get("until"), raw.get("undo", ())
    if not isinstance(undo, list | tuple) or not all(isinstance(step, Mapping) for step in undo):
        raise ValueError('"undo" is not a list of steps')
    return Lock(
        who=_text(raw, "who"),
        why=_text(raw, "why"),
        since=_moment(raw["since"], "since"),
        until=None if until is None else _moment(until, "until"),
        scope=_text(raw, "scope"),
        plan=_text(raw, "plan"),
        undo=tuple(undo),
    )


def moment(at: float, now: float) -> str:
    """A time (epoch seconds) in UTC to the minute, with its date unless that is within half a day of now."""
    written = _written(at)
    return f"{written[11:16]}Z" if abs(at - now) < _HALF_DAY_S else f"{written[:10]} {written[11:16]}Z"


def _long(seconds: float) -> str:
    minutes = max(int(seconds // 60), 0)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{name}" is not text')
    return value or ""


def _moment(value: Any, name: str) -> float:
    """Epoch seconds of an ISO 8601 time; without a zone it is UTC."""
    at = instant(value)
    if at is None:
        raise ValueError(f'"{name}" is not a time such as 2025-10-09T08:53:20Z')
    return at


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
