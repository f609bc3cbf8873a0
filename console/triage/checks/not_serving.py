"""Whether no version of the model serves."""

from console.domain.rows import ModelRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene

NAME = "not_serving"


def check(scene: Scene) -> Finding:
    """Yes when no version is READY on any target that answers."""
    if not scene.rows:
        return Finding(
            NAME, Answer.UNKNOWN, f"no target knows a model {visible(scene.model, 80)}", confidence=0.2
        )
    evidence = tuple(_evidence(scene, row) for row in scene.rows)
    # While a rollout is under way a version is LOADING on one target and READY on others.
    if any(row.ready for row in scene.rows):
        ready = sum(row.ready for row in scene.rows)
        return Finding(
            NAME, Answer.NO, f"it is READY {ready} times over its targets", evidence, confidence=0.95
        )
    up = [target for target in scene.snapshot.targets if target.name in scene.targets and target.up]
    if not up:
        return Finding(NAME, Answer.UNKNOWN, "none of its targets answers", evidence, confidence=0.3)
    row = max(scene.rows, key=lambda each: each.since)
    said = f"v{row.version} is {row.state}" + (f": {visible(row.reason, 160)}" if row.reason else "")
    return Finding(NAME, Answer.YES, said, evidence, "not_serving", 0.95, scene.model, at=row.since)


def _evidence(scene: Scene, row: ModelRow) -> Evidence:
    serving = row.ready > 0
    url = next((t.url for t in scene.snapshot.targets if t.name in row.targets), "URL")
    return Evidence(
        NAME, Answer.NO if serving else Answer.YES, f"v{row.version} is {row.state}", row.key.label, float(row.ready),
        float(len(row.targets)), "targets", "index", "repository index", row.age_s, f"POST {url}/v2/repository/index",
        at=row.since,
    )  # fmt: skip
