"""Where the time is spent, and where it grew: gateway, queue, compute."""

from collections.abc import Iterator

from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain
from console.triage.words import lacking

NAME = "layers"
# A layer stands out that took this share of what was added.
_SHARE = 0.5


def check(scene: Scene) -> Finding:
    """Yes, with its name, when one layer took most of what was added; the evidence lists them all."""
    strain = Strain(scene.inner)
    layers = list(_layers(strain))
    evidence = tuple(each for _, _, each in layers)
    added: dict[str, float] = {}
    for name, shift, _ in layers:
        if shift.difference is not None:
            added[name] = max(shift.difference, added.get(name, shift.difference))
    whole = sum(value for value in added.values() if value > 0)
    if not added:
        return Finding(
            NAME, Answer.UNKNOWN, "no layer's time is known, or none has a baseline", evidence, confidence=0.2
        )
    if whole < 1.0:
        return Finding(NAME, Answer.NO, "no layer takes longer than before", evidence, confidence=0.8)
    most = max(added, key=lambda name: added[name])
    if added[most] < _SHARE * whole:
        return Finding(NAME, Answer.NO, f"no layer stands out: {_words(added)}", evidence, confidence=0.6)
    return Finding(
        NAME, Answer.YES, f"{most} took most of it{strain.where}: {_words(added)}", evidence, confidence=0.8
    )


def _layers(strain: Strain) -> Iterator[tuple[str, Shift, Evidence]]:
    for route in strain.routes:
        shift = _outside(strain, strain.route_shift(route, "mean_ms"))
        basis = shift.told("mean")
        evidence = Evidence(
            NAME, _grew(shift), "gateway less Triton", route.name, shift.now, shift.base, "ms", basis,
            f"{route.kind} and Triton", route.age_s, route.query, lacking(shift),
        )  # fmt: skip
        yield "the gateway and the way to it", shift, evidence
    for name, column in _PARTS.items():
        shift = strain.shift(column)
        yield name, shift, strain.scene.figure(NAME, _grew(shift), name, shift, strain.focus)


_PARTS = {"waiting": "queue_ms", "input": "input_ms", "inference": "infer_ms", "output": "output_ms"}


def _outside(strain: Strain, gateway: Shift) -> Shift:
    """What the gateway saw beyond what Triton took, over all targets."""
    triton = strain.scene.shift("mean_ms")
    if gateway.now is None or triton.now is None:
        return Shift(None, None)
    base = None if gateway.base is None or triton.base is None else max(gateway.base - triton.base, 0.0)
    return Shift(max(gateway.now - triton.now, 0.0), base, 0.0, gateway.basis)


def _grew(shift: Shift) -> Answer:
    up = shift.up(1.3, 1.0)
    return Answer.UNKNOWN if up is None else Answer.YES if up else Answer.NO


def _words(added: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:+.1f} ms" for name, value in added.items())
