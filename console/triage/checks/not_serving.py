"""Whether no version of the model serves."""

from collections.abc import Sequence

from console.domain.rows import ModelRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.domain.triton import State
from console.triage.calls import absent, call
from console.triage.queries import among, promql
from console.triage.scene import Scene

NAME = "not_serving"


def check(scene: Scene) -> Finding:
    """Yes when no version is READY on any target that answers."""
    if not scene.rows:
        return Finding(
            NAME, Answer.UNKNOWN, f"no target knows a model {visible(scene.model, 80)}", (absent(NAME),),
            confidence=0.2,
        )  # fmt: skip
    scraped = [row for row in scene.rows if row.scraped]
    if scraped:
        return _counted(scene, scraped)
    counts = {row.key: _ready(scene, row) for row in scene.rows}
    up = any(target.name in scene.targets and target.up for target in scene.snapshot.targets)
    evidence = tuple(_evidence(scene, row, counts[row.key], up=up) for row in scene.rows)
    # While a rollout is under way a version is LOADING on one target and READY on others.
    ready = sum(counts.values())
    if ready:
        return Finding(
            NAME, Answer.NO, f"it is READY {ready} times over its targets", evidence, confidence=0.95
        )
    if not up:
        return _unreachable(scene, evidence)
    row = max(scene.rows, key=lambda each: each.since)
    said = f"v{row.version} is {row.state}" + (f": {visible(row.reason, 160)}" if row.reason else "")
    if row.state is State.READY:
        said = f"no target on which v{row.version} was READY answers any more"
    return Finding(NAME, Answer.YES, said, evidence, "not_serving", 0.95, scene.model, at=row.since)


def _counted(scene: Scene, rows: Sequence[ModelRow]) -> Finding:
    """What Prometheus tells is not the state: whether requests are answered is the next best."""
    evidence = tuple(_answered(scene, row) for row in rows)
    if all(row.stale for row in rows):
        return Finding(
            NAME, Answer.UNKNOWN, "Prometheus has nothing new of its servers", evidence, confidence=0.3
        )
    answering = [row for row in rows if row.rate and (row.error_ratio or 0.0) < 1.0 and not row.stale]
    if answering:
        said = f"v{answering[0].version} answers requests, says Prometheus"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.8)
    said = f"no request of {visible(scene.model, 80)} is answered, and Prometheus tells no state"
    return Finding(NAME, Answer.UNKNOWN, said, evidence, confidence=0.3)


def _answered(scene: Scene, row: ModelRow) -> Evidence:
    share = None if not row.rate or row.error_ratio is None else 1.0 - row.error_ratio
    answer = Answer.UNKNOWN if share is None else Answer.NO if share else Answer.YES
    failed = promql("error_ratio", row.model, among(scene.snapshot))
    return Evidence(
        NAME, answer, "share of requests answered", row.key.label, share, None, "", "counter", "prometheus", row.age_s,
        f"1 - {failed}", "a server that is opened directly tells the state", row.since,
    )  # fmt: skip


def _unreachable(scene: Scene, evidence: tuple[Evidence, ...]) -> Finding:
    """Nobody gets an answer, whatever the index said last."""
    down = [target for target in scene.snapshot.targets if target.name in scene.targets]
    if not down:
        return Finding(NAME, Answer.UNKNOWN, "none of its targets is watched", evidence, confidence=0.3)
    why = next((failure.message for target in down for failure in target.failures), "")
    said = "none of its targets answers" + (f": {visible(why, 160)}" if why else "")
    return Finding(NAME, Answer.YES, said, evidence, "unreachable", 0.8, scene.model, target=down[0].name)


def _ready(scene: Scene, row: ModelRow) -> int:
    """On how many targets it is READY; what a target said that answers no more is no news."""
    up = {target.name for target in scene.snapshot.targets if target.up}
    replicas = scene.snapshot.history.replicas(row.key) if row.ready else ()
    gone = sum(each.state is State.READY and each.target not in up for each in replicas)
    return max(row.ready - gone, 0)


def _evidence(scene: Scene, row: ModelRow, ready: int, *, up: bool) -> Evidence:
    answer = Answer.NO if ready else Answer.YES if up else Answer.UNKNOWN
    return Evidence(
        NAME, answer, f"v{row.version} is {row.state}", row.key.label, float(ready),
        float(len(row.targets)), "targets", "index, of all that have it", "repository index", row.age_s,
        call(scene, "/v2/repository/index", row.targets, "POST"),
        "" if up else "are the servers started, and is there a way to them? see the targets", row.since,
    )  # fmt: skip
