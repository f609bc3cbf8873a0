"""Whether requests have been waiting long for a while, whatever the reason."""

from console.domain.triage import Answer, Finding
from console.triage.scene import Scene

NAME = "queue_sustained"
_WINDOW_S = 60.0
_SHARE = 0.5


def check(scene: Scene) -> Finding:
    """Yes when over the last minute requests waited longer than they computed, and for half the objective or more."""
    inner = scene.inner
    row = inner.row
    since = scene.snapshot.at - _WINDOW_S
    waits = inner.figures().bins("queue_ms").between(since, scene.snapshot.at).known.values
    shift = inner.shift("queue_ms")
    if row is None or not len(waits) or inner.quiet:
        answer = Answer.NO if inner.quiet and row is not None and row.rate is not None else Answer.UNKNOWN
        evidence = inner.figure(NAME, answer, "queue time over a minute", shift)
        said = "its queue time is not known" if answer is Answer.UNKNOWN else "too little traffic to say"
        return Finding(NAME, answer, said, (evidence,), confidence=0.5)
    least = float(waits.min())
    threshold = row.slo.objective.latency_ms
    compute = inner.shift("compute_ms").now or 0.0
    long = least >= _SHARE * threshold and least > compute
    answer = Answer.YES if long else Answer.NO
    evidence = inner.figure(NAME, answer, "queue time over a minute", shift)
    if long:
        said = f"requests wait at least {least:.0f} ms, of {threshold:g} ms promised"
        return Finding(NAME, Answer.YES, said, (evidence,), "queue", 0.8, inner.model, at=scene.onset)
    return Finding(
        NAME,
        Answer.NO,
        f"at the least they waited {least:.1f} ms in the last minute",
        (evidence,),
        confidence=0.8,
    )
