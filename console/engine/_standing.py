"""How each version stands over the targets: state, since when, where, and with which warnings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from console.domain.config import ModelConfig
from console.domain.fleet import ModelVersion
from console.domain.lies import version_warnings
from console.domain.rows import Warn
from console.domain.text import whole
from console.domain.triton import State
from console.domain.versions import VersionState, is_trouble
from console.engine._target import TargetMemory

# The state that the fleet's row shows is the one that most needs a look.
_GRAVITY = (State.ABSENT, State.READY, State.UNLOADING, State.LOADING, State.UNAVAILABLE, State.UNKNOWN)


class Standing(NamedTuple):
    """The part of a model row that changes seldom."""

    state: State
    reason: str
    since: float
    ready: int
    targets: tuple[str, ...]
    warnings: tuple[Warn, ...]
    queue_limit: int


def standings(targets: Sequence[TargetMemory]) -> dict[ModelVersion, Standing]:
    """One standing for each version that any target knows."""
    seen: dict[ModelVersion, list[tuple[TargetMemory, VersionState]]] = {}
    for target in targets:
        for key, found in target.states.items():
            seen.setdefault(key, []).append((target, found))
    return {key: _standing(key, places) for key, places in seen.items()}


def _standing(key: ModelVersion, places: list[tuple[TargetMemory, VersionState]]) -> Standing:
    where, worst = max(places, key=lambda place: _gravity(place[1]))
    configs: list[ModelConfig] = [t.configs[key.model] for t, _ in places if key.model in t.configs]
    return Standing(
        state=worst.state,
        reason=worst.reason,
        since=where.since.get(key, 0.0),
        ready=sum(found.state is State.READY for _, found in places),
        targets=tuple(target.name for target, _ in places),
        warnings=_distinct(
            warn
            for target, found in places
            for warn in version_warnings(key, found, target.configs.get(key.model))
        ),
        queue_limit=min((c.queue_limit for c in configs if c.queue_limit), default=0),
    )


def _gravity(found: VersionState) -> int:
    """Unloaded is at rest: a version READY elsewhere is shown as READY."""
    if found.state is State.UNAVAILABLE and not is_trouble(found.state, found.reason):
        return -1
    return _GRAVITY.index(found.state)


def _distinct(warnings: Iterable[Warn]) -> tuple[Warn, ...]:
    return tuple(dict.fromkeys(warnings))


def newest_ready(standing: Mapping[ModelVersion, Standing]) -> dict[str, str]:
    """The highest READY version of each model: the one that an unversioned request reaches."""
    newest: dict[str, str] = {}
    for key, found in standing.items():
        if found.ready and _number(key.version) >= _number(newest.get(key.model, "")):
            newest[key.model] = key.version
    return newest


def _number(version: str) -> int:
    number = whole(version)
    return -1 if number is None else number
