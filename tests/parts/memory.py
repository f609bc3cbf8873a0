"""A history made by hand, and the scene of a model in it: figures that stay, step, ramp or scatter."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from console.domain.basis import Basis
from console.domain.config import ModelConfig, read_config
from console.domain.fleet import ModelVersion, Objective
from console.domain.rows import Lifetime, LoadRow, ModelRow, Percentiles, ReplicaRow, Slo, StateChange
from console.domain.snapshot import Points
from console.domain.triage import Asked
from console.triage.scene import Scene
from tests.fake_history import NOW
from tests.snapshots import fleet, model_row, snapshot, target_row

Course = Callable[[float], float | None]
"""A figure so many seconds ago; None is unknown."""
Figure = float | Course | None

_MEANS = ("mean_ms", "queue_ms", "input_ms", "infer_ms", "output_ms")


def steady(figure: Figure) -> Course:
    """The same at all times; what is a course already stays it."""
    return figure if callable(figure) else lambda _: figure


def stepped(before: Figure, after: Figure, ago: float, until: float = -1.0) -> Course:
    """One figure, and another one from ``ago`` seconds ago to ``until`` seconds ago."""
    old, new = steady(before), steady(after)
    return lambda seconds: new(seconds) if until < seconds <= ago else old(seconds)


def ramp(before: float, after: float, ago: float, until: float = 0.0) -> Course:
    """A figure that moves evenly to another one between two moments, and stays there."""
    return lambda seconds: before + (after - before) * min(max((ago - seconds) / (ago - until), 0.0), 1.0)


def noisy(figure: Figure, share: float, seed: int = 0) -> Course:
    """Scattered about a figure by a normal deviation of that ``share`` of it; the same at each asking."""
    course = steady(figure)

    def scattered(seconds: float) -> float | None:
        value = course(seconds)
        return (
            None if value is None else value * math.exp(share * Random(f"{seed} {seconds:.3f}").gauss(0, 1))
        )

    return scattered


def gaps(figure: Figure, *stretches: tuple[float, float]) -> Course:
    """Unknown from the one to the other of each pair of moments (seconds ago, the earlier first)."""
    course = steady(figure)
    return lambda seconds: (
        None if any(end <= seconds <= start for start, end in stretches) else course(seconds)
    )


@dataclass
class Memory:
    """A ``History`` of courses by key: (model version, column), (target, version, column), (target, column), (route, column), (uuid, mig, column).

    A course is sampled every ``refresh`` seconds over the last ``watched_s``; Points are given as they are.
    ``asked`` counts the questions by method.
    """

    watched_s: float = 600.0
    refresh: float = 1.0
    at: float = NOW
    courses: dict[tuple[Any, ...], Course | Points] = field(default_factory=dict)
    lives: dict[tuple[ModelVersion, str], Lifetime] = field(default_factory=dict)
    replica_rows: dict[ModelVersion, list[ReplicaRow]] = field(default_factory=dict)
    changes: dict[ModelVersion, Sequence[StateChange]] = field(default_factory=dict)
    configs: dict[str, Mapping[str, ModelConfig]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def _points(self, method: str, key: tuple[Any, ...], seconds: float) -> Points:
        self.asked[method] += 1
        course = self.courses.get(key)
        if course is None or isinstance(course, Points):
            return course or Points((), ())
        last = int(min(seconds, self.watched_s) / self.refresh)
        ago = [number * self.refresh for number in range(last, -1, -1)]
        return Points([self.at - each for each in ago], [course(each) for each in ago])

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        return self._points("model", (key, column), seconds)

    def replica(self, target: str, key: ModelVersion, column: str, seconds: float) -> Points:
        return self._points("replica", (target, key, column), seconds)

    def host(self, target: str, column: str, seconds: float) -> Points:
        return self._points("host", (target, column), seconds)

    def route(self, name: str, column: str, seconds: float) -> Points:
        return self._points("route", (name, column), seconds)

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        return self._points("gpu", (uuid, mig, column), seconds)

    def lifetime(self, key: ModelVersion, target: str = "") -> Lifetime | None:
        self.asked["lifetime"] += 1
        return self.lives.get((key, target))

    def states(self, key: ModelVersion) -> Sequence[StateChange]:
        self.asked["states"] += 1
        return self.changes.get(key, ())

    def replicas(self, key: ModelVersion) -> Sequence[ReplicaRow]:
        self.asked["replicas"] += 1
        return self.replica_rows.get(key, ())

    def loads(self, model: str = "") -> Sequence[LoadRow]:
        self.asked["loads"] += 1
        return ()

    def config(self, model: str) -> Mapping[str, ModelConfig]:
        self.asked["config"] += 1
        return self.configs.get(model, {})


@dataclass(frozen=True)
class Served:
    """A version and its figures on each of its targets, every one of them a number, a course or None.

    ``rate`` is requests a second on a target, ``failed`` those of them that fail; ``mean_ms`` without a figure is the sum
    of its parts. ``only`` replaces figures on some targets. ``life`` is what its counters held before the watch.
    ``row`` replaces fields of its row.
    """

    model: str = "ranker"
    version: str = "1"
    on: tuple[str, ...] = ("triton-0",)
    rate: Figure = 20.0
    failed: Figure = 0.0
    queue_ms: Figure = 1.0
    input_ms: Figure = 0.5
    infer_ms: Figure = 8.0
    output_ms: Figure = 0.5
    mean_ms: Figure = None
    p99_ms: Figure = None
    items: Figure = 1.0
    batch: Figure = 1.0
    pending: Figure = 1.0
    only: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    life: Lifetime | None = None
    config: Mapping[str, Any] | None = None
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> ModelVersion:
        return ModelVersion(self.model, self.version)

    def columns(self, target: str) -> dict[str, Course]:
        """The history's columns on one target."""
        own = replace(self, **self.only.get(target, {}))
        rate, failed = steady(own.rate), steady(own.failed)
        success = _calculated(lambda all_, bad: all_ - bad, rate, failed)
        inferences = _calculated(lambda count, items: count * items, success, steady(own.items))
        means = {name: steady(getattr(own, name)) for name in _MEANS}
        if own.mean_ms is None:
            means["mean_ms"] = _calculated(lambda *parts: sum(parts), *(means[name] for name in _MEANS[1:]))
        executions = _calculated(lambda count, size: count / size, inferences, steady(own.batch))
        return {
            "rate": rate,
            "failed": failed,
            "success": success,
            "error_ratio": _calculated(lambda bad, all_: bad / all_, failed, rate),
            "inferences": inferences,
            "executions": executions,
            "batch": _calculated(lambda count, runs: count / runs, inferences, executions),
            "pending": steady(own.pending),
            # A mean of nothing is unknown.
            **{
                name: _calculated(lambda mean, n: mean if n else None, course, success)
                for name, course in means.items()
            },
            "p99_ms": steady(own.p99_ms),
        }


def _calculated(how: Callable[..., float | None], *courses: Course) -> Course:
    """A figure of others; unknown where one of them is, or where it divides by nothing."""

    def at(seconds: float) -> float | None:
        values = [course(seconds) for course in courses]
        try:
            return None if None in values else how(*values)
        except ZeroDivisionError:
            return None

    return at


def _over(column: str, targets: Sequence[Mapping[str, Course]]) -> Course:
    """A column over all targets: counts are added, means weighted, of percentiles the worst counts."""
    if len(targets) == 1:
        return targets[0][column]
    weight, kinds = {"error_ratio": ("rate", 1), "batch": ("executions", 1)}.get(
        column, ("success", int(column in _MEANS))
    )

    def at(seconds: float) -> float | None:
        known = [(each[column](seconds), each[weight](seconds) or 0.0) for each in targets]
        known = [(value, count) for value, count in known if value is not None]
        if not known:
            return None
        if column == "p99_ms":
            return max(value for value, _ in known)
        if not kinds:
            return sum(value for value, _ in known)
        count = sum(each for _, each in known)
        return sum(value * each for value, each in known) / count if count else None

    return at


def remember(memory: Memory, served: Served, objective: Objective | None = None) -> ModelRow:
    """Put a version into a memory; returns its row as of now."""
    by_target = {name: served.columns(name) for name in served.on}
    whole = {column: _over(column, list(by_target.values())) for column in next(iter(by_target.values()))}
    memory.courses |= {(served.key, column): course for column, course in whole.items()}
    for name, columns in by_target.items():
        memory.courses |= {(name, served.key, column): course for column, course in columns.items()}
        if served.life is not None:
            memory.lives[served.key, name] = served.life
    if served.life is not None:
        memory.lives[served.key, ""] = served.life
    if served.config is not None:
        memory.configs[served.model] = dict.fromkeys(served.on, read_config(served.config))
    row = _row(served, {column: course(0.0) for column, course in whole.items()}, objective or Objective())
    memory.replica_rows[served.key] = [
        _replica(row, name, {column: course(0.0) for column, course in columns.items()})
        for name, columns in by_target.items()
    ]
    return row


def _row(served: Served, now: Mapping[str, float | None], objective: Objective) -> ModelRow:
    p99 = now["p99_ms"]
    taken = ("rate", "error_ratio", *_MEANS, "executions", "batch", "pending")
    made = model_row(
        served.model,
        served.version,
        targets=served.on,
        ready=len(served.on),
        reporting=len(served.on),
        errors={"BACKEND": (now["failed"] or 0.0) * 10},
        percentiles=None if p99 is None else Percentiles(Basis.SUMMARY, p99=p99, target=served.on[0]),
        slo=Slo(objective, None if p99 is None else p99 / objective.latency_ms, {"5m": None}, 600.0, None),
        **{name: now[name] for name in taken},
    )
    return made._replace(**served.row)


def _replica(row: ModelRow, target: str, now: Mapping[str, float | None]) -> ReplicaRow:
    taken = ("rate", "error_ratio", "mean_ms", "p99_ms", "queue_ms", "infer_ms", "pending")
    figures = {name: now[name] for name in taken}
    return ReplicaRow(target, row.key, row.state, row.reason, age_s=row.age_s, stale=row.stale, **figures)


def scene(
    *served: Served,
    model: str = "",
    memory: Memory | None = None,
    courses: Mapping[tuple[Any, ...], Figure] | None = None,
    objective: Objective | None = None,
    asked: Mapping[str, Asked] | None = None,
    **changes: Any,
) -> Scene:
    """The scene of ``model`` (of the first version, if none is named) among the versions that are served.

    ``courses`` are figures of hosts, routes and GPUs by their keys in ``Memory``; ``changes`` are fields of the snapshot.
    Its history is the memory, so that a test may look at what was asked of it.
    """
    kept = memory or Memory()
    rows = [remember(kept, each, objective) for each in served]
    kept.courses |= {key: steady(figure) for key, figure in (courses or {}).items()}
    names = sorted({name for each in served for name in each.on}) or ["triton-0"]
    given = {
        "at": kept.at,
        "elapsed_s": kept.watched_s,
        "models": sorted(rows, key=lambda row: row.key),
        "targets": [target_row(name) for name in names],
        "fleet": fleet(*names, refresh=kept.refresh),
        "gpus": (),
        "history": kept,
        **changes,
    }
    return Scene(snapshot(**given), model or (served[0].model if served else "ranker"), asked)
