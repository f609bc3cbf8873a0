"""Whether the console's own inferences of the model fail."""

from console.domain.probe import ProbeOutcome, ProbeSummary
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene

NAME = "probe_failing"
STUB = "Stub process"
_FULL = "Exceeds maximum queue size"
_HINT = 'add a probe: [fleets.NAME.probes.MODEL] request = "FILE.json"'


def check(scene: Scene) -> Finding:
    """Yes when the newest probe on a target failed; a full queue and a probe that never worked elsewhere are said."""
    probes = [(row.version, probe) for row in scene.rows for probe in row.probes]
    if not probes:
        nothing = Evidence(NAME, Answer.UNKNOWN, "synthetic inference", scene.model, hint=_HINT)
        return Finding(NAME, Answer.UNKNOWN, "no probe is configured for it", (nothing,), confidence=0.2)
    evidence = tuple(_evidence(scene, probe) for _, probe in probes)
    failing = [probe for _, probe in probes if probe.failing]
    if not failing:
        return Finding(
            NAME, Answer.NO, f"its probes answer on {len(probes)} targets", evidence, confidence=0.95
        )
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


def _evidence(scene: Scene, probe: ProbeSummary) -> Evidence:
    answer = (
        Answer.YES if probe.failing else Answer.NO if probe.outcome is ProbeOutcome.OK else Answer.UNKNOWN
    )
    url = next((t.url for t in scene.snapshot.targets if t.name == probe.target), "URL")
    return Evidence(
        NAME, answer, f"probe: {probe.outcome}", f"{scene.model} on {probe.target}", probe.p50_ms, None, "ms",
        f"probe, n = {probe.n}", "console", scene.snapshot.at - probe.at,
        f"POST {url}/v2/models/{scene.model}/infer", at=probe.since,
    )  # fmt: skip
