"""Whether the console's own inferences of the model fail."""

from collections.abc import Sequence

from console.domain.probe import ProbeOutcome, ProbeSummary
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import OPEN_ONE, call, scraped
from console.triage.scene import Scene

NAME = "probe_failing"
STUB = "Stub process"
_FULL = "Exceeds maximum queue size"
HINT = 'add a probe: [fleets.NAME.probes.MODEL] request = "FILE.json"'


def check(scene: Scene) -> Finding:
    """Yes when the newest probe on a target failed; a full queue and a probe that never worked elsewhere are said."""
    probes = [probe for row in scene.rows for probe in row.probes]
    if not probes:
        nothing = Evidence(NAME, Answer.UNKNOWN, "synthetic inference", scene.model, hint=hint(scene))
        return Finding(NAME, Answer.UNKNOWN, "no probe is configured for it", (nothing,), confidence=0.2)
    evidence = tuple(_evidence(scene, probe) for probe in probes)
    failing = [probe for probe in probes if probe.failing]
    if not failing:
        return _none_fails(probes, evidence)
    full = [probe for probe in failing if _FULL in probe.detail]
    if len(full) == len(failing):
        said = f"its queue is full on {full[0].target}: see the queue"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.6)
    worst = next((probe for probe in failing if STUB in probe.detail), failing[0])
    dead = "dead_stub" if STUB in worst.detail else ""
    said = f"its probe on {worst.target} ends in {worst.outcome}: {visible(worst.detail, 160)}"
    return Finding(
        NAME,
        Answer.YES,
        said,
        evidence,
        dead,
        0.95 if dead else 0.8,
        scene.model,
        target=worst.target,
        at=worst.since,
    )


def hint(scene: Scene) -> str:
    """How its requests come to be tried."""
    return OPEN_ONE if scraped(scene) else HINT


def _none_fails(probes: Sequence[ProbeSummary], evidence: tuple[Evidence, ...]) -> Finding:
    """What is not reached, or not served where it is asked, says nothing about the model."""
    answered = sum(probe.outcome is ProbeOutcome.OK for probe in probes)
    if not answered:
        said = f"no probe was answered: {probes[0].outcome} on {probes[0].target}"
        return Finding(NAME, Answer.UNKNOWN, said, evidence, confidence=0.2)
    return Finding(NAME, Answer.NO, f"its probes answer on {answered} targets", evidence, confidence=0.95)


def _evidence(scene: Scene, probe: ProbeSummary) -> Evidence:
    answer = (
        Answer.YES if probe.failing else Answer.NO if probe.outcome is ProbeOutcome.OK else Answer.UNKNOWN
    )
    hint = (
        "is the target reachable, and does it serve the model? see status" if answer is Answer.UNKNOWN else ""
    )
    return Evidence(
        NAME, answer, f"probe: {probe.outcome}, n = {probe.n}", f"{scene.model} on {probe.target}", probe.p50_ms, None, "ms",
        "probe", "console", scene.snapshot.at - probe.at,
        call(scene, "/v2/models/{model}/infer", (probe.target,), "POST"), hint, probe.since,
    )  # fmt: skip
