"""Whether the metrics of a target that has the model are missing."""

from console.domain.failure import FailureKind
from console.domain.rows import TargetRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import absent, scrape
from console.triage.scene import Scene

NAME = "metrics_missing"


def check(scene: Scene) -> Finding:
    """Yes when a target answers and its metrics endpoint does not: what is missing is what is known, not the service."""
    mine = [row for row in scene.snapshot.targets if row.name in scene.targets]
    if not mine:
        return Finding(NAME, Answer.UNKNOWN, "no target has it", (absent(NAME),), confidence=0.2)
    evidence = tuple(_evidence(scene, row) for row in mine)
    missing = [row for row in mine if _why(row)]
    if not missing:
        said = (
            "its targets' metrics are there" if any(row.up for row in mine) else "none of its targets answers"
        )
        return Finding(
            NAME, Answer.NO if any(row.up for row in mine) else Answer.UNKNOWN, said, evidence, confidence=0.9
        )
    row = missing[0]
    said = f"{row.name} answers, and its metrics do not: {visible(_why(row), 160)}"
    return Finding(NAME, Answer.YES, said, evidence, "metrics_missing", 0.95, scene.model, target=row.name)


def _why(row: TargetRow) -> str:
    """Why the metrics are missing; empty where they are there, or where the whole target does not answer."""
    if not row.up:
        return ""
    failures = [failure for failure in row.failures if failure.part == "metrics"]
    return failures[0].message if failures else ""


def _evidence(scene: Scene, row: TargetRow) -> Evidence:
    why = _why(row)
    forbidden = any(f.kind is FailureKind.FORBIDDEN for f in row.failures if f.part == "metrics")
    if not row.up:
        hint = "start the server, or take its target off the fleet: nothing answers there"
    elif forbidden:
        hint = "a credential is missing: set headers"
    else:
        hint = "is --allow-metrics on, and the port right?" if why else ""
    return Evidence(
        NAME, Answer.YES if why else Answer.NO if row.up else Answer.UNKNOWN, "metrics endpoint", row.name,
        basis="poll", source=row.name, age_s=row.age_s, query=scrape(scene, row.name), hint=hint,
    )  # fmt: skip
