"""Whether more requests fail than before."""

from collections.abc import Iterator

from console.domain.triage import Answer, Evidence, Finding
from console.triage.queries import among, series
from console.triage.scene import Scene
from console.triage.strain import Strain, enough

NAME = "error_spike"
_LEAST = 0.01
_FACTOR = 3.0


def check(scene: Scene) -> Finding:
    """Yes when the share of failed requests rose to a percent or more, at Triton or at the gateway."""
    strain = Strain(scene)
    shift = scene.shift("error_ratio")
    up = shift.up(_FACTOR, _LEAST)
    if up is None and shift.now is not None and not scene.quiet:
        up = shift.now >= _LEAST
    answer = Answer.UNKNOWN if up is None else Answer.YES if up and not scene.quiet else Answer.NO
    gateway = list(_gateway(strain))
    evidence = (scene.figure(NAME, answer, "share of errors", shift), *_reasons(scene, answer), *gateway)
    if answer is Answer.YES:
        said = f"{shift.now:.1%} of its requests fail" + (
            f", it was {shift.base:.1%}" if shift.base is not None else ""
        )
        return Finding(NAME, Answer.YES, said, evidence, "errors", 0.8, scene.model, at=scene.onset)
    rose = next((each for each in gateway if each.answer is Answer.YES), None)
    if rose is not None:
        said = f"{rose.now:.1f} a second fail at the gateway, and Triton counts no more errors than before"
        return Finding(NAME, Answer.YES, said, evidence, "errors", 0.6, scene.model, at=scene.onset)
    if answer is Answer.UNKNOWN:
        said = "no requests were counted" if shift.now is None else "too few requests to say"
        return Finding(NAME, answer, said, evidence, confidence=0.2)
    if scene.quiet:
        said = f"{shift.now or 0.0:.2%} of its requests fail, and too few came to say more"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.5)
    return Finding(NAME, Answer.NO, f"{shift.now or 0.0:.2%} of its requests fail", evidence, confidence=0.8)


def _reasons(scene: Scene, spike: Answer) -> Iterator[Evidence]:
    """Why requests failed; what clients cancelled themselves is no error."""
    for row in scene.rows:
        for reason, count in row.errors.items():
            if count and not row.stale:
                counts = spike is Answer.YES and reason != "CANCELED"
                yield Evidence(
                    NAME, Answer.YES if counts else Answer.NO, f"failed in {row.window_s:.0f} s: {reason}", row.key.label, count, None, "failures",
                    "counter", row.source, row.age_s,
                    series("nv_inference_request_failure", among(scene.snapshot), model=row.model, reason=reason),
                )  # fmt: skip


def _gateway(strain: Strain) -> Iterator[Evidence]:
    for route in strain.routes:
        if route.failed is None or not route.rate:
            continue
        before = strain.route_shift(route, "failed")
        failing = route.failed >= _LEAST * route.rate and route.failed > 2 * (before.base or 0.0)
        rose = failing and enough(route)
        basis = before.told("counter")
        yield Evidence(
            NAME, Answer.YES if rose else Answer.NO, "failed at the gateway", route.name, route.failed, before.base,
            "/s", basis, route.kind, route.age_s, route.query,
        )  # fmt: skip
