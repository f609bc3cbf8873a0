"""Whether the time goes into getting the input ready: copies, and models on the CPU."""

from console.domain.triage import Answer, Finding
from console.triage.scene import Scene
from console.triage.strain import Strain

NAME = "cpu_preprocessing"
_SHARE = 0.3


def check(scene: Scene) -> Finding:
    """Yes when the compute input time grew and is a good part of computing, or a CPU part of an ensemble grew most."""
    strain = Strain(scene.inner)
    given, compute = strain.shift("input_ms"), strain.shift("compute_ms")
    up = given.up(1.5, 1.0)
    answer = Answer.UNKNOWN if up is None else Answer.YES if up else Answer.NO
    evidence = (
        strain.scene.figure(NAME, answer, "input time", given, strain.focus),
        strain.scene.figure(
            NAME, Answer.UNKNOWN if compute.now is None else answer, "computing in all", compute, strain.focus
        ),
    )
    if given.now is None or compute.now is None:
        return Finding(NAME, Answer.UNKNOWN, "how long inputs take is unknown", evidence, confidence=0.2)
    share = given.now / compute.now if compute.now else 0.0
    if up and share >= _SHARE:
        said = f"getting inputs ready takes {given.now:.1f} ms, {share:.0%} of computing, it was {given.base:.1f} ms"
        return Finding(NAME, Answer.YES, said, evidence, "external", 0.7, scene.inner.model, at=scene.onset)
    if scene.inner is not scene and strain.by_service and _on_cpu(scene.inner):
        said = f"{scene.inner.model} runs on the CPU and took most of what was added"
        return Finding(NAME, Answer.YES, said, evidence, "external", 0.6, scene.inner.model, at=scene.onset)
    said = f"inputs take {given.now:.1f} ms, {share:.0%} of computing"
    if up is None and share >= _SHARE:
        return Finding(
            NAME, Answer.UNKNOWN, f"{said}: what they took before is not known", evidence, confidence=0.2
        )
    return Finding(NAME, Answer.NO, said, evidence, confidence=0.8)


def _on_cpu(scene: Scene) -> bool:
    groups = scene.config.tree.get("instance_group") if scene.config else None
    kinds = (
        [group.get("kind") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    )
    return bool(kinds) and all(kind == "KIND_CPU" for kind in kinds)
