"""A Deployment or an Argo Rollout: whether it is paused, what it runs, how far its rollout is, what it ran before."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any, NamedTuple

from console.domain.kubernetes import Path, member
from console.domain.states import Json, canonical
from console.domain.text import visible, whole

PAUSED: Path = ("spec", "paused")
TEMPLATE: Path = ("spec", "template")
_REVISION = "deployment.kubernetes.io/revision"
_ROLLOUT_REVISION = "rollout.argoproj.io/revision"
HASHES = ("pod-template-hash", "rollouts-pod-template-hash")
_DEADLINE_S = 600.0


class Progress(NamedTuple):
    """How far a rollout is: ``complete`` is None where no controller has said; ``failed`` will not come right by itself."""

    complete: bool | None
    words: str
    failed: bool = False


class Revision(NamedTuple):
    """One ReplicaSet of a workload: what it ran. ``template`` is without the hash label that its owner adds."""

    name: str
    number: int
    hash: str
    digest: str
    images: Mapping[str, str]
    template: Json


def workload_state(obj: Any) -> dict[str, Json]:
    """What is read back: paused or not, the pod template by its digest, its images, whether its rollout is through."""
    template = member(obj, TEMPLATE)
    return {
        "paused": member(obj, PAUSED) is True,
        "template": digest(template),
        "images": dict(images(template)),
        "rolled_out": rolled_out(obj),
    }


def digest(template: Json) -> str:
    """A pod template by its content; it may hold secrets, so that the template itself is never kept."""
    return "sha256:" + sha256(canonical(_bare(stripped(template))).encode()).hexdigest()[:32]


def stripped(template: Any) -> Json:
    """A ReplicaSet's pod template as its owner holds it: without the label of its hash."""
    labels = member(template, ("metadata", "labels"))
    if not isinstance(labels, Mapping) or not isinstance(template, Mapping):
        return template  # type: ignore[no-any-return]  # what was parsed from JSON is JSON
    kept = {key: value for key, value in labels.items() if key not in HASHES}
    return {**template, "metadata": {**template["metadata"], "labels": kept}}


def _bare(value: Json) -> Json:
    """Without nulls, which API servers write or leave out as they like, and with text for what is no number."""
    if isinstance(value, Mapping):
        return {key: _bare(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_bare(each) for each in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def images(template: Any) -> Mapping[str, str]:
    """The image of each container."""
    found: dict[str, str] = {}
    for path in (("spec", "initContainers"), ("spec", "containers")):
        containers = member(template, path)
        for each in containers if isinstance(containers, list) else ():
            if isinstance(each, Mapping):
                found[str(each.get("name"))] = str(each.get("image", ""))
    return found


def by_digest(image: str) -> bool:
    """Whether the image's name says its content; a tag can be moved to another one."""
    return "@sha256:" in image


def image_words(names: Mapping[str, Any]) -> str:
    """Images in one short line."""
    return visible(", ".join(dict.fromkeys(str(each) for each in names.values())), 160) or "no image"


def generation_seen(obj: Any) -> bool | None:
    """Whether the controller has taken up the newest spec; None where none has reported."""
    seen = member(obj, ("status", "observedGeneration"))
    number = whole(str(seen)) if seen is not None else None
    newest = member(obj, ("metadata", "generation"))
    if number is None or not isinstance(newest, int):
        return None
    return number >= newest


def progress(obj: Any) -> Progress:
    """How far the rollout of the newest template is."""
    seen = generation_seen(obj)
    if seen is None:
        return Progress(complete=None, words="no controller has reported on it")
    if not seen:
        return Progress(complete=False, words="the controller has not taken up the change yet")
    is_rollout = member(obj, ("kind",)) == "Rollout"
    return _rollout_progress(obj) if is_rollout else _deployment_progress(obj)


def rolled_out(obj: Any) -> bool | None:
    """Whether the rollout of the newest template came to its end: a pod that restarts later does not change that."""
    how = progress(obj)
    if how.complete or not generation_seen(obj):
        return how.complete
    status = member(obj, ("status",))
    if not isinstance(status, Mapping):
        return False
    if member(obj, ("kind",)) == "Rollout":
        return bool(status.get("stableRS")) and status.get("stableRS") == status.get("currentPodHash")
    ended = any(row.get("reason") == "NewReplicaSetAvailable" for row in _list(obj, ("status", "conditions")))
    return ended and status.get("replicas") == status.get("updatedReplicas")


def _deployment_progress(obj: Any) -> Progress:
    wanted = _count(obj, ("spec", "replicas"), 1)
    updated, total, available = (
        _count(obj, ("status", key), 0) for key in ("updatedReplicas", "replicas", "availableReplicas")
    )
    said = f"{updated} of {wanted} pods updated, {available} available"
    for condition in _list(obj, ("status", "conditions")):
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return Progress(
                complete=False, words=f"{said}; past its deadline: the new pods do not come up", failed=True
            )
    if updated < wanted or available < updated:
        return Progress(complete=False, words=said)
    if total > updated:
        return Progress(complete=False, words=f"{total - updated} old pods still end")
    return Progress(complete=True, words=said)


def _rollout_progress(obj: Any) -> Progress:
    phase = str(member(obj, ("status", "phase")) or "")
    message = visible(str(member(obj, ("status", "message")) or ""), 120)
    said = f"phase {visible(phase, 30) or 'unknown'}" + (f" ({message})" if message else "")
    return Progress(complete=phase == "Healthy", words=said, failed=phase == "Degraded")


def deadline_s(obj: Any) -> float:
    """Seconds that the workload itself gives a rollout."""
    return float(_count(obj, ("spec", "progressDeadlineSeconds"), int(_DEADLINE_S)))


def revisions(obj: Any, replicasets: Iterable[Any]) -> tuple[Revision, ...]:
    """What the workload runs and ran, newest first, from the ReplicaSets that it owns."""
    uid = member(obj, ("metadata", "uid"))
    own = [_revision(each) for each in replicasets if _owner(each) == uid]
    return tuple(sorted(own, key=lambda each: each.number, reverse=True))


def _revision(replicaset: Any) -> Revision:
    template = stripped(member(replicaset, TEMPLATE))
    labels = member(replicaset, ("metadata", "labels"))
    found = labels if isinstance(labels, Mapping) else {}
    return Revision(
        name=str(member(replicaset, ("metadata", "name")) or ""),
        number=numbered(replicaset),
        hash=next((str(found[key]) for key in reversed(HASHES) if key in found), ""),
        digest=digest(template),
        images=images(template),
        template=template,
    )


def numbered(obj: Any) -> int:
    """The revision of a workload, or of a ReplicaSet of it; 0 where none is written."""
    marks = member(obj, ("metadata", "annotations"))
    if not isinstance(marks, Mapping):
        return 0
    return whole(str(marks.get(_REVISION) or marks.get(_ROLLOUT_REVISION) or "0")) or 0


def current(obj: Any, known: Sequence[Revision]) -> Revision | None:
    """The revision that the template of now is; None where no ReplicaSet has it, as after a change while paused."""
    pod_hash = member(obj, ("status", "currentPodHash"))
    if member(obj, ("kind",)) == "Rollout" and generation_seen(obj) and pod_hash:
        return next((each for each in known if each.hash == pod_hash), None)
    now = digest(member(obj, TEMPLATE))
    return next((each for each in known if each.digest == now), None)


def running_digests(pods: Iterable[Any], now: Revision | None) -> dict[str, str]:
    """The image digest that each container of the revision really runs; one that differs between pods is left out."""
    found: dict[str, set[str]] = {}
    for pod in pods:
        labels = member(pod, ("metadata", "labels"))
        hashes = [labels.get(key) for key in HASHES] if isinstance(labels, Mapping) else []
        if now is None or now.hash not in hashes:
            continue
        for status in _list(pod, ("status", "containerStatuses")):
            image = str(status.get("imageID") or "").rpartition("://")[2]
            if by_digest(image):
                found.setdefault(str(status.get("name")), set()).add(image)
    return {name: next(iter(each)) for name, each in found.items() if len(each) == 1}


def selector(obj: Any) -> dict[str, str]:
    """The labels that select a workload's pods and ReplicaSets; empty where it selects by expressions too."""
    if member(obj, ("spec", "selector", "matchExpressions")):
        return {}
    labels = member(obj, ("spec", "selector", "matchLabels"))
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, Mapping) else {}


def _owner(obj: Any) -> Json:
    owners = _list(obj, ("metadata", "ownerReferences"))
    return next((each.get("uid") for each in owners if each.get("controller")), None)


def _list(obj: Any, path: Path) -> list[Mapping[str, Any]]:
    found = member(obj, path)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _count(obj: Any, path: Path, default: int) -> int:
    found = member(obj, path)
    return found if isinstance(found, int) else default
