"""Whether the traffic changed: its mix, its shape, or where it goes."""

from collections.abc import Iterator

from console.domain.marker import MarkerKind
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.neighbours import grown
from console.triage.scene import Scene
from console.triage.strain import MORE, SLOWER, Strain
from console.triage.words import clock, lacking, times

NAME = "traffic_shift"
_SKEW = 1.4
_HINT = "are the servers started, and is there a way to them? see the targets"


def check(scene: Scene) -> Finding:
    """Yes when requests got larger, go elsewhere, or come with other work; more of the same that waits is the queue's."""
    inner = scene.inner
    strain = Strain(inner)
    evidence = tuple(_figures(strain))
    if all(each.baseline is None for each in evidence):
        return Finding(
            NAME,
            Answer.UNKNOWN,
            "the traffic before is not known: keep the console open",
            evidence,
            confidence=0.2,
        )
    if inner.quiet and all(row.stale for row in inner.rows):
        evidence = tuple(each._replace(answer=Answer.UNKNOWN, hint=_HINT) for each in evidence)
        return Finding(NAME, Answer.UNKNOWN, "none of its targets answers", evidence, confidence=0.2)
    if inner.quiet:
        return Finding(NAME, Answer.NO, "too little traffic to say that it shifted", evidence, confidence=0.6)
    for reason, confidence, extra in _reasons(scene, strain):
        return Finding(
            NAME, Answer.YES, reason, (*extra, *evidence), "traffic_shift", confidence, inner.model,
            target=strain.focus, at=scene.onset,
        )  # fmt: skip
    return Finding(NAME, Answer.NO, _unmoved(strain), evidence, confidence=0.8)


def _reasons(scene: Scene, strain: Strain) -> Iterator[tuple[str, float, tuple[Evidence, ...]]]:
    items = strain.shift("items")
    if items.up(MORE, 0.2):
        yield (
            f"a request carries {times(items.ratio)} the inferences ({items.base:.1f} → {items.now:.1f})",
            0.9,
            (),
        )
    moved = strain.more >= MORE or _skewed(strain)
    for marker in scene.changes(MarkerKind.WEIGHT):
        if moved:
            said = f"{visible(marker.detail, 120)} at {clock(marker.at)}"
            weight = Evidence(
                NAME, Answer.YES, visible(marker.detail, 120), marker.subject, basis="weight", source="gateway",
                age_s=scene.snapshot.at - marker.at, query=_asked(scene, strain), at=marker.at,
            )  # fmt: skip
            yield said, 0.9, (weight,)
    if _skewed(strain):
        yield f"{strain.focus} gets {times(strain.more)} its usual traffic, the others do not", 0.8, ()
    if strain.by_service and strain.more < MORE:
        for neighbour in grown(strain):
            said = f"{visible(neighbour.model, 60)} does {times(neighbour.shift.growth)} its usual work on the same targets"
            yield said, 0.6, (neighbour.evidence(NAME),)
    waits = strain.shift("queue_ms").up(1.5, 1.0)
    if strain.more >= MORE and not waits and not strain.by_repeats and (strain.slower or 0.0) >= SLOWER:
        yield f"{times(strain.more)} the inferences, and each takes {times(strain.slower)} as long", 0.5, ()


def _asked(scene: Scene, strain: Strain) -> str:
    """What tells the weights of the model's routes, or of any."""
    routes = (*strain.routes, *scene.snapshot.routes)
    return next((route.query for route in routes if route.query), "triton-console status --json")


def _skewed(strain: Strain) -> bool:
    """Whether the target that suffers got more, and all of them together did not."""
    if not strain.focus or strain.more < _SKEW:
        return False
    whole = strain.scene.shift("inferences").ratio
    return whole is not None and strain.more >= _SKEW * whole


def _unmoved(strain: Strain) -> str:
    if strain.more < MORE:
        return "rate, size and targets of its requests are as before"
    if strain.by_repeats:
        return f"Triton gets {times(strain.more)} the work, but from the gateway's own repeats: clients ask as before"
    return f"{times(strain.more)} the inferences of the same kind: see the queue for what that does"


def _figures(strain: Strain) -> Iterator[Evidence]:
    scene = strain.scene
    rate, items, batch = (strain.shift(column) for column in ("rate", "items", "batch"))
    yield scene.figure(NAME, _yes(rate.up(MORE, 0.5)), "requests", rate, strain.focus)
    yield scene.figure(NAME, _yes(items.up(MORE, 0.2)), "inferences a request", items, strain.focus)
    yield scene.figure(NAME, Answer.NO, "inferences an execution", batch, strain.focus)
    for route in strain.routes:
        shift = strain.route_shift(route, "rate")
        basis = shift.told("counter")
        yield Evidence(
            NAME, _yes(shift.up(MORE, 0.5)), "asked for at the gateway", route.name, route.rate, shift.base, "/s",
            basis, route.kind, route.age_s, route.query, lacking(shift),
        )  # fmt: skip


def _yes(holds: bool | None) -> Answer:  # noqa: FBT001 - the one thing it turns into an answer
    return Answer.UNKNOWN if holds is None else Answer.YES if holds else Answer.NO
