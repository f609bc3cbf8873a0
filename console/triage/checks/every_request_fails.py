"""Whether a READY version fails everything that is sent to it, on one target or on all: a dead stub does."""

from console.domain.marker import Marker
from console.domain.rows import ReplicaRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.domain.triton import State
from console.triage.checks import probe_failing
from console.triage.checks._instances import all_dead, some_dead
from console.triage.queries import among, promql
from console.triage.rollouts import previous, rollouts
from console.triage.scene import Scene
from console.triage.words import clock

NAME = "every_request_fails"
# A change so long before it began broke it.
_JUST_S = 60.0
# Where nothing got through for so long, what got through before is no comfort.
_LATE_S = 5.0
# Nothing gets through but for chance; with several instances of which one is dead, its share of the requests fails.
_ALL = 0.95
_LEAST = 3.0
# Of many replicas those that fail the most are looked at.
_MOST = 16


def check(scene: Scene) -> Finding:
    """Yes when nearly every request to a READY version fails; ``dead_stub`` where it is a Python model's."""
    probe = probe_failing.check(scene)
    if probe.verdict == "dead_stub":
        return probe._replace(
            check=NAME, evidence=tuple(each._replace(check=NAME) for each in probe.evidence)
        )
    replicas = _worst(scene)
    found = [(replica, share) for replica in replicas if (share := _share(scene, replica)) is not None]
    if not found:
        nothing = Evidence(
            NAME, Answer.UNKNOWN, "share of errors", scene.model, basis="counter", source="metrics",
            query=promql("error_ratio", scene.model, among(scene.snapshot)), hint=probe_failing.hint(scene),
        )  # fmt: skip
        if not any(row.ready or row.scraped for row in scene.rows):
            return Finding(NAME, Answer.NO, "no version of it is READY", (nothing,), confidence=0.3)
        said = (
            "no requests: nothing tells whether they would fail"
            if replicas
            else "none of its targets answers"
        )
        return Finding(NAME, Answer.UNKNOWN, said, (nothing,), confidence=0.3)
    evidence = tuple(_evidence(scene, replica, share) for replica, share in found)
    failing = [(replica, share) for replica, share in found if share >= _ALL]
    if failing:
        return _all_fail(scene, failing[0][0], evidence)
    half = [(replica, share) for replica, share in found if _one_of_several(scene, replica, share)]
    if half:
        said = f"{half[0][1]:.0%} of its requests on {half[0][0].target} fail, as if some of its instances were dead"
        return Finding(
            NAME, Answer.YES, said, evidence, "dead_stub", 0.5, scene.model, target=half[0][0].target
        )
    worst = max(share for _, share in found)
    return Finding(NAME, Answer.NO, f"at most {worst:.1%} of its requests fail", evidence, confidence=0.9)


def _worst(scene: Scene) -> list[ReplicaRow]:
    """Where the model is READY: the targets on which the greatest shares fail first."""
    rows = [replica for row in scene.rows for replica in scene.snapshot.history.replicas(row.key)]
    ready = [each for each in rows if (each.state is State.READY or each.scraped) and not each.stale]
    return sorted(ready, key=lambda replica: -(replica.error_ratio or 0.0))[:_MOST]


def _all_fail(scene: Scene, replica: ReplicaRow, evidence: tuple[Evidence, ...]) -> Finding:
    python = scene.config is not None and scene.config.backend == "python"
    said = f"every request on {replica.target} fails although it says READY"
    if python and all_dead(scene, replica):
        said += ", about one a second for each instance: its Python process is dead"
        verdict, confidence = "dead_stub", 0.8
    else:
        verdict, confidence = "errors", 0.7
        said += (
            ", as fast as they come: its process lives, and its code fails on everything" if python else ""
        )
    change = _change(scene, replica) if verdict == "errors" else None
    if change is not None:
        said += f"; {visible(change.detail, 80)} at {clock(change.at)} came just before"
        return Finding(
            NAME, Answer.YES, said, evidence, "rollout", 0.9, change.model or scene.model,
            previous(scene, change.version or replica.key.version), replica.target, change.at,
        )  # fmt: skip
    return Finding(
        NAME,
        Answer.YES,
        said,
        evidence,
        verdict,
        confidence,
        scene.model,
        target=replica.target,
        at=scene.onset,
    )


def _change(scene: Scene, replica: ReplicaRow) -> Marker | None:
    """The load or deployment that came just before it began; None where nothing did, or where nobody saw it begin."""
    began = scene.onset
    found = [each for each in rollouts(scene) if each.target in {"", replica.target}]
    if began is None or not found:
        return None
    nearest = min(found, key=lambda each: abs(each.at - began))
    return nearest if began - nearest.at <= _JUST_S else None


def _share(scene: Scene, replica: ReplicaRow) -> float | None:
    """The share of failed requests on a target over now, or all of late; None with too few of them."""
    # What was answered before it began says nothing about now, and a dead stub answers but one request a second.
    began = scene.onset - scene.snapshot.fleet.refresh / 2 if scene.onset else 0.0
    whole = _share_since(scene, replica, max(scene.snapshot.at - max(scene.now_s, 15.0), began))
    late = _share_since(scene, replica, scene.snapshot.at - _LATE_S)
    return late if late is not None and late >= _ALL else whole


def _share_since(scene: Scene, replica: ReplicaRow, since: float) -> float | None:
    figures = scene.version(replica.key, replica.target)
    failed, rate = (
        figures.raw(column, replica.key).between(since, scene.snapshot.at).known.values
        for column in ("failed", "rate")
    )
    requests = float(rate.sum()) * scene.snapshot.fleet.refresh
    return float(failed.sum() / rate.sum()) if requests >= _LEAST and len(failed) == len(rate) else None


def _one_of_several(scene: Scene, replica: ReplicaRow, share: float) -> bool:
    """Whether a python model with several instances fails just the share of one or more of them."""
    config = scene.config
    if config is None or config.backend != "python" or config.instances < 2:
        return False
    if some_dead(scene, replica):
        return True
    began = scene.moved
    shared = share >= 0.2 and began is not None and began.column == "error_ratio"
    return shared and _slow_failures(scene)


def _slow_failures(scene: Scene) -> bool:
    """A dead stub's requests wait a second before they fail; those that succeed are as fast as ever."""
    return not (scene.shift("exec_ms").up(1.5, 1.0) or False)


def _evidence(scene: Scene, replica: ReplicaRow, share: float) -> Evidence:
    return Evidence(
        NAME, Answer.YES if share >= _ALL else Answer.NO, "share of errors", f"{replica.key.label} on {replica.target}",
        share, None, "", "counter", "metrics", replica.age_s, promql("error_ratio", scene.model, among(scene.snapshot)),
    )  # fmt: skip
