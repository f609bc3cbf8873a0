"""A Deployment or an Argo Rollout as something that was rolled out: what, when and why."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.domain.around import WorkloadReading
from console.domain.instant import instant
from console.domain.kubernetes import Path, Thing, member
from console.domain.kubernetes_workload import (
    PAUSED,
    TEMPLATE,
    current,
    images,
    numbered,
    revisions,
    rolled_out,
)
from console.domain.text import visible

_CAUSE: Path = ("metadata", "annotations", "kubernetes.io/change-cause")
# A ReplicaSet that an undo took up again: it was made long before it became this revision.
_AGAIN: tuple[Path, ...] = (
    ("metadata", "annotations", "deployment.kubernetes.io/revision-history"),
    ("metadata", "annotations", "rollout.argoproj.io/revision-history"),
)
_CONTAINERS = 20


def workload_reading(thing: Thing, obj: Any, replicasets: Iterable[Any]) -> WorkloadReading:
    """What the workload says of itself; without its ReplicaSets, what it ran before and since when is unknown.

    A template that was changed while the workload is paused is not rolled out yet, and does not count.
    """
    sets = list(replicasets)
    known = revisions(obj, sets)
    number = numbered(obj)
    now = current(obj, known) or next((each for each in known if number and each.number == number), None)
    older = next((each for each in known if now and each.number < now.number), None)
    by_name = {str(member(each, ("metadata", "name"))): each for each in sets}
    mine, last = (by_name.get(each.name) if each else None for each in (now, older))
    return WorkloadReading(
        name=thing.subject,
        revision=str((now.number if now else number) or ""),
        images=_images(now.images if now else images(member(obj, TEMPLATE))),
        changed_at=_made(mine),
        cause=_cause(obj, mine, last),
        rolling=rolled_out(obj) is False and member(obj, PAUSED) is not True,
        replicas=_replicas(obj),
        before=_images(older.images) if older else {},
        notes=tuple(_notes(thing, obj)),
    )


def _made(replicaset: Any) -> float | None:
    if any(member(replicaset, path) for path in _AGAIN):
        return None
    return instant(member(replicaset, ("metadata", "creationTimestamp")))


def _cause(obj: Any, mine: Any, last: Any) -> str:
    """The change's cause; one that the revision before had too was only handed down, and says nothing of this one."""
    said = member(obj, _CAUSE) or member(mine, _CAUSE)
    return visible(str(said)) if said and said != member(last, _CAUSE) else ""


def _images(found: Mapping[str, str]) -> dict[str, str]:
    return {visible(name, 60): visible(image) for name, image in list(found.items())[:_CONTAINERS]}


def _replicas(obj: Any) -> tuple[int, int] | None:
    wanted, there = member(obj, ("spec", "replicas")), member(obj, ("status", "availableReplicas"))
    if member(obj, ("status", "observedGeneration")) is None:
        return None
    return (there if isinstance(there, int) else 0, wanted if isinstance(wanted, int) else 1)


def _notes(thing: Thing, obj: Any) -> Iterable[str]:
    if member(obj, ("spec",)) is not None and member(obj, TEMPLATE) is None:
        yield f"{thing.subject} takes its pods from elsewhere (workloadRef): name that as kubernetes.workload"


def image_change(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which images became which: ``triton:24.10 → 24.12``; empty where none did."""
    changed = {
        name: (before.get(name, ""), image) for name, image in now.items() if before.get(name) != image
    }
    gone = [name for name in before if name not in now]
    told = [
        _became(old, new) if len(now) == 1 else f"{name} {_became(old, new)}"
        for name, (old, new) in changed.items()
    ]
    return ", ".join([*told, *(f"{name} is gone" for name in gone)])


def _became(old: str, new: str) -> str:
    if not old:
        return new
    repository, _, tag = new.rpartition(":")
    same = repository and "/" not in tag and old.startswith(f"{repository}:") and "@" not in old + new
    return f"{old} → {tag if same else new}"
