"""Who shares the model's servers: the other models there, and whether they do more than before."""

from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.neighbours import grown, others
from console.triage.scene import Scene
from console.triage.strain import Strain
from console.triage.words import times

NAME = "tenants"
_HINT = "Triton's metrics have no tenants: a PromQL check over the gateway's labels can tell them apart"


def check(scene: Scene) -> Finding:
    """Yes when another model on the same targets does well more than before."""
    strain = Strain(scene.inner)
    around = others(strain)
    nothing = Evidence(NAME, Answer.UNKNOWN, "traffic by tenant", hint=_HINT)
    if not around:
        return Finding(
            NAME, Answer.NO, "no other model has traffic on its targets", (nothing,), confidence=0.6
        )
    more = grown(strain)
    evidence = (*(each.evidence(NAME) for each in more), nothing)
    if more:
        said = f"{visible(more[0].model, 60)} does {times(more[0].shift.growth)} its usual work"
        return Finding(NAME, Answer.YES, said, evidence, confidence=0.6, model=more[0].model)
    said = f"none of the {len(around)} other models on its targets does more than usual"
    return Finding(NAME, Answer.NO, said, evidence, confidence=0.7)
