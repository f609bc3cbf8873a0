"""Whether a load of the model failed, and why as far as its message says."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from console.domain.fleet import ModelVersion
from console.domain.load_failure.explain import Explanation, explain
from console.domain.marker import MarkerKind
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.domain.triton import State
from console.domain.versions import UNREADABLE, is_trouble
from console.triage.calls import OPEN_ONE, listing
from console.triage.scene import Scene

NAME = "load_failed"
SOURCE = "repository index"

_SURE, _UNNAMED = 0.95, 0.8
_MOST = 20
_DEPENDENT = "dependency_unavailable"
_READ_LOG = "triton-console explain reads the server's log, which says more than the index"


class _Failed(NamedTuple):
    """A version that failed to load on one target; ``target`` is empty where the index of all says the same."""

    key: ModelVersion
    target: str
    reason: str
    at: float | None
    age_s: float | None
    found: Explanation


def check(scene: Scene) -> Finding:
    """Yes when a version, or one that the model depends on, failed to load and was not loaded since."""
    failed = list(_failures(scene))
    if not failed:
        return _none(scene)
    # The first failure of all that are equally well known: those after it may follow from it.
    worst = max(failed, key=_knows)
    evidence = tuple(_evidence(scene, each, worst) for each in failed[:_MOST])
    named = worst.found.named
    return Finding(
        NAME,
        Answer.YES,
        _reason(scene, worst),
        evidence,
        worst.found.cause if named else "",
        _SURE if named else _UNNAMED,
        worst.key.model,
        _serving(scene, worst.key),
        worst.target,
        worst.at,
        worst.found.settles,
    )


def _failures(scene: Scene) -> Iterator[_Failed]:
    for key, names in _versions(scene).items():
        since = {change.target: change.at for change in scene.snapshot.history.states(key)}
        replicas = {row.target: row for row in scene.snapshot.history.replicas(key)}
        for name in names:
            replica = replicas.get(name)
            state, reason, age = (
                (replica.state, replica.reason, replica.age_s) if replica else _row(scene, key)
            )
            if _is_failed(state, reason):
                yield _Failed(key, name, reason, since.get(name), age, _explained(reason))
            elif state is State.LOADING and (again := _last_failure(scene, key, name)):
                yield _Failed(key, name, again[1], again[0], age, _explained(again[1]))


@lru_cache(64)
def _explained(reason: str) -> Explanation:
    """All replicas say the same, at every look."""
    return explain(reason)


def _versions(scene: Scene) -> dict[ModelVersion, tuple[str, ...]]:
    """The versions of the model and of what it calls, with the targets that have them."""
    models = (scene.model, *scene.parts)
    return {row.key: row.targets for row in scene.snapshot.models if row.model in models}


def _row(scene: Scene, key: ModelVersion) -> tuple[State, str, float | None]:
    row = next(row for row in scene.snapshot.models if row.key == key)
    return row.state, row.reason, row.age_s


def _is_failed(state: State, reason: str) -> bool:
    """READY with a reason is a change that was refused: the old one serves."""
    return is_trouble(state, reason) or (state is State.READY and bool(reason))


def _last_failure(scene: Scene, key: ModelVersion, target: str) -> tuple[float, str] | None:
    """A server that polls its repository tries again and again: between two failures it says LOADING."""
    loads = (
        marker
        for marker in reversed(scene.snapshot.markers)
        if (marker.model, marker.version, marker.target) == (key.model, key.version, target)
        and marker.kind in (MarkerKind.LOAD, MarkerKind.FAILURE)
    )
    last = next(loads, None)
    return (last.at, last.detail) if last and last.kind is MarkerKind.FAILURE else None


def _knows(failed: _Failed) -> tuple[bool, bool, float]:
    return failed.found.named, failed.found.cause != _DEPENDENT, -(failed.at or 0.0)


def _reason(scene: Scene, worst: _Failed) -> str:
    times = _times(scene, worst.key)
    often = f"{times} times" if times > 1 else ""
    said = f"{worst.key.label} failed to load {often}".rstrip()
    if not worst.found.named:
        return f"{visible(said, 120)}, and its message does not say why: {worst.found.evidence}"
    return f"{visible(said, 120)}: {worst.found.cause}: {worst.found.evidence}"


def _times(scene: Scene, key: ModelVersion) -> int:
    """How often a load of the version failed while the console watched: a load fails on each target."""
    failures = Counter(
        marker.target
        for marker in scene.snapshot.markers
        if marker.kind is MarkerKind.FAILURE and (marker.model, marker.version) == (key.model, key.version)
    )
    return max(failures.values(), default=0)


def _serving(scene: Scene, failed: ModelVersion) -> str:
    """The version to go back to: the newest that serves."""
    rows = [row for row in scene.snapshot.models if row.model == failed.model and row.state is State.READY]
    newest = max(rows, key=lambda row: row.since, default=None)
    return newest.version if newest else ""


def _evidence(scene: Scene, failed: _Failed, worst: _Failed) -> Evidence:
    found = failed.found
    whose = failed.key.label if failed.target == "" else f"{failed.key.label} on {failed.target}"
    what = f"{found.cause}: {found.evidence}"
    hint = found.advice if found.named or failed is not worst else _READ_LOG
    return Evidence(
        NAME,
        Answer.YES,
        what,
        whose,
        float(max(_times(scene, failed.key), 1)),
        None,
        "failures",
        "index",
        SOURCE,
        failed.age_s,
        listing(scene, (failed.target,)).query,
        hint,
        failed.at,
    )


def _none(scene: Scene) -> Finding:
    """No failure in sight: a model that the index does not tell of may have one all the same."""
    rows = scene.rows
    query = listing(scene).query
    if not rows:
        said, hint = f"no target knows a model {visible(scene.model, 80)}", _READ_LOG
    elif any(row.reason == UNREADABLE for row in rows):
        said, hint = UNREADABLE, "give the header that the server expects: --header 'KEY: VALUE'"
    elif any(row.scraped for row in rows):
        said, hint = "Prometheus tells of no loads, so that none is known to have failed", OPEN_ONE
    elif all(row.state is State.ABSENT for row in rows):
        said, hint = "it was never loaded, and the index does not say whether a load was tried", _READ_LOG
    else:
        return _well(scene, query)
    unknown = Evidence(
        NAME,
        Answer.UNKNOWN,
        "failed loads",
        scene.model,
        source=listing(scene).source,
        query=query,
        hint=hint,
    )
    return Finding(NAME, Answer.UNKNOWN, said, (unknown,), confidence=0.3)


def _well(scene: Scene, query: str) -> Finding:
    age = min((row.age_s for row in scene.rows if row.age_s is not None), default=None)
    evidence = Evidence(
        NAME, Answer.NO, "failed loads", scene.model, 0.0, None, "failures", "index", SOURCE, age, query
    )
    return Finding(NAME, Answer.NO, "no version of it failed to load", (evidence,), confidence=0.9)
