"""Whether the model keeps its promise again."""

from console.domain.triage import Answer, Finding
from console.triage.checks import promise_broken
from console.triage.scene import Scene

NAME = "in_band"
_HINT = "wait for traffic: twenty requests in a minute tell, or a probe of the model"


def check(scene: Scene) -> Finding:
    """Yes when the promise is kept and every figure is in its band; with too few requests nobody knows."""
    found = promise_broken.check(scene)
    if found.answer is Answer.NO and scene.quiet:
        waits = tuple(each._replace(check=NAME, answer=Answer.UNKNOWN, hint=_HINT) for each in found.evidence)
        return Finding(NAME, Answer.UNKNOWN, found.reason, waits, confidence=found.confidence)
    evidence = tuple(each._replace(check=NAME, answer=_other(each.answer)) for each in found.evidence)
    known = scene.row is not None and scene.row.percentiles is not None
    reason = "p99 is in its band, within its promise" if found.answer is Answer.NO and known else found.reason
    return Finding(NAME, _other(found.answer), reason, evidence, confidence=found.confidence)


def _other(answer: Answer) -> Answer:
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, answer)
