"""Whether the model keeps its promise again."""

from console.domain.triage import Answer, Finding
from console.triage.checks import promise_broken
from console.triage.scene import Scene

NAME = "in_band"


def check(scene: Scene) -> Finding:
    """Yes when the promise is kept and every figure is in its band."""
    found = promise_broken.check(scene)
    evidence = tuple(each._replace(check=NAME, answer=_other(each.answer)) for each in found.evidence)
    reason = found.reason if found.answer is not Answer.NO else "p99 is in its band, within its promise"
    return Finding(NAME, _other(found.answer), reason, evidence, confidence=found.confidence)


def _other(answer: Answer) -> Answer:
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, answer)
