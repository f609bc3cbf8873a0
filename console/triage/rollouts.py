"""Which versions came lately: by what changed while the console watched, or by how little their counters hold."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow
from console.domain.text import whole
from console.domain.triton import State
from console.domain.versions import UNLOADED
from console.triage.scene import LOOKBACK_S, Scene

# Loads this soon after a server came back are its start, not a rollout.
_START_S = 90.0
_BACK = frozenset((MarkerKind.RESTART, MarkerKind.UP, MarkerKind.DOWN))
# A version that served less than this share of what the oldest one did came later.
_YOUNG = 0.5
# One beside which an older version lies unloaded replaced that: less is enough.
_REPLACED = 0.9
# An execution that takes so many times what it took before the watch got slower after the version came.
_AS_EVER = 1.3
# Models to compare its age with.
_COMPARED = 8


class Young(NamedTuple):
    """A version whose counters hold little: its age and that of the oldest version around, in seconds, both estimates."""

    row: ModelRow
    age_s: float
    oldest_s: float


def rollouts(scene: Scene) -> tuple[Marker, ...]:
    """Loads, config changes and deployments that may have caused the onset; what a restarting server loads is none."""
    starts = [m for m in scene.snapshot.markers if m.kind in _BACK and not m.model]
    found = scene.changes(MarkerKind.LOAD, MarkerKind.CONFIG, MarkerKind.ROLLOUT)
    return tuple(marker for marker in found if not _started(marker, starts))


def _started(marker: Marker, starts: Iterable[Marker]) -> bool:
    return any(start.target == marker.target and 0 <= marker.at - start.at <= _START_S for start in starts)


def previous(scene: Scene, version: str) -> str:
    """The version that served the most before the onset, other than this one; empty if none is known to have."""
    until = scene.onset or scene.snapshot.at
    served: dict[str, float] = {}
    for row in scene.rows:
        if row.version != version:
            before = scene.version(row.key).raw("success", row.key).between(0.0, until).known.values
            served[row.version] = float(before.sum()) if len(before) else 0.0
    most = max(served, key=lambda each: served[each], default="")
    return most if most and served[most] > 0 else _below(scene, version)


def _below(scene: Scene, version: str) -> str:
    """The next lower version that is known, where none was seen to serve."""
    number = whole(version)
    if number is None:
        return ""
    lower = [row for row in scene.rows if _number(row) < number]
    best = max(lower, key=_number, default=None)
    return best.version if best and _number(best) >= 0 else ""


def _number(row: ModelRow) -> int:
    """The version as a number; what is none comes before all others."""
    number = whole(row.version)
    return -1 if number is None else number


def young(scene: Scene) -> Young | None:
    """The newest version that serves, if its counters say that it came well after the others.

    Requests counted over the rate of now: right under steady traffic, an estimate otherwise.
    """
    busiest = sorted(scene.snapshot.models, key=lambda row: -(row.rate or 0.0))[:_COMPARED]
    ages = {row.key: _age_s(scene, row) for row in (*scene.rows, *busiest)}
    oldest = max((age for age in ages.values() if age is not None), default=0.0)
    for row in sorted(scene.rows, key=_number, reverse=True):
        age = ages.get(row.key)
        if row.state is State.READY and age is not None:
            limit = _REPLACED if _replaced(scene, row) else _YOUNG
            return Young(row, age, oldest) if age < min(limit * oldest, LOOKBACK_S) else None
    return None


def _replaced(scene: Scene, row: ModelRow) -> bool:
    """Whether a lower version was unloaded on the same target, as a load of a higher one does."""
    return any(
        other.reason == UNLOADED and _number(other) < _number(row) and not other.ready for other in scene.rows
    )


def slow_from_the_start(scene: Scene, row: ModelRow) -> bool:
    """Whether a version executes about as long now as it did over its whole life before the watch."""
    life = scene.snapshot.history.lifetime(row.key)
    if life is None or life.infer_ms is None or row.infer_ms is None:
        return True
    return row.infer_ms <= _AS_EVER * life.infer_ms


def differing(scene: Scene, target: str) -> str:
    """The version that serves on a target and on no other that serves another one; empty where all serve the same."""
    here: set[str] = set()
    elsewhere: set[str] = set()
    for row in scene.rows:
        for replica in scene.snapshot.history.replicas(row.key):
            if replica.state is State.READY or replica.scraped:
                (here if replica.target == target else elsewhere).add(row.version)
    alone = sorted(here - elsewhere)
    return alone[-1] if alone and elsewhere else ""


def _age_s(scene: Scene, row: ModelRow) -> float | None:
    life = scene.snapshot.history.lifetime(row.key)
    if life is None or not row.rate or not np.isfinite(row.rate):
        return None
    return life.requests / row.rate + scene.snapshot.at - life.at
