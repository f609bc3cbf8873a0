"""Whether the storage is slow: loads that take long, or fail to read their files."""

from collections.abc import Iterator

from console.domain.rows import ModelRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.domain.triton import State
from console.triage.calls import absent
from console.triage.queries import series
from console.triage.scene import Scene

NAME = "storage"
_LONG_S = 120.0
_READING = (
    "failed to localize",
    "failed to download",
    "unable to download",
    "input/output error",
    "no space left",
)
_HINT = "a newer Triton exports nv_model_load_duration_secs; else time a read on the node: dd if=FILE of=/dev/null"


def check(scene: Scene) -> Finding:
    """Yes when a version of the model has been loading for minutes, or its load failed for want of its files."""
    evidence = tuple(_evidence(scene))
    if not evidence:
        return Finding(NAME, Answer.UNKNOWN, "no target has it", (absent(NAME),), confidence=0.2)
    broken = [row for row in scene.rows if any(sign in row.reason.lower() for sign in _READING)]
    if broken:
        said = f"v{broken[0].version}: {visible(broken[0].reason, 160)}"
        return Finding(NAME, Answer.YES, said, evidence, "external", 0.7, scene.model)
    loading = [row for row in scene.rows if _loads(row) and _for_s(scene, row) >= _LONG_S]
    if loading:
        said = f"v{loading[0].version} has been loading for {_for_s(scene, loading[0]):.0f} s"
        return Finding(NAME, Answer.YES, said, evidence, "external", 0.5, scene.model)
    if any(each.now is not None for each in evidence):
        return Finding(NAME, Answer.NO, "loads are neither long nor failing", evidence, confidence=0.6)
    return Finding(NAME, Answer.UNKNOWN, "nothing tells how fast models are read", evidence, confidence=0.2)


def _loads(row: ModelRow) -> bool:
    """Whether it is being loaded now; what was not looked at lately may be done."""
    return row.state is State.LOADING and not row.stale


def _for_s(scene: Scene, row: ModelRow) -> float:
    return scene.snapshot.at - row.since


def _evidence(scene: Scene) -> Iterator[Evidence]:
    for row in scene.rows:
        loading = _for_s(scene, row) if _loads(row) else row.load_s
        answer = Answer.UNKNOWN if loading is None else Answer.YES if loading >= _LONG_S else Answer.NO
        yield Evidence(
            NAME, answer, "load time", row.key.label, loading, None, "s", "gauge", row.source, row.age_s,
            series("nv_model_load_duration_secs", model=row.model, version=row.version), "" if loading is not None else _HINT,
        )  # fmt: skip
