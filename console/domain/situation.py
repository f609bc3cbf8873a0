"""What a plan is made from, besides what the controls read back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.domain.journal import Entry
from console.domain.lock import Lock
from console.domain.release import Release
from console.domain.snapshot import Snapshot
from console.domain.states import Json


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """The picture, the release a rollback would go to, the deploy lock, and the plans whose changes stand.

    ``now`` is epoch seconds; ``plan`` the id that the plan in the making will have.
    """

    snapshot: Snapshot
    now: float
    plan: str = ""
    release: Release | None = None
    lock: Lock | None = None
    standing: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Captured:
    """What a control knows for a known-good release: image facts and route states by subject."""

    images: Mapping[str, Json] = field(default_factory=dict)
    routes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Cumulative requests of a route: all that were counted, and those that the models got."""

    total: float
    kept: float
