"""Whether the model breaks its promise now, or has left its band."""

from collections.abc import Iterator

from console.domain.rows import ModelRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain
from console.triage.words import NAMES, clock, moved_words

NAME = "promise_broken"
# The factor at which a short window of the budget is worth a ticket.
_BURN = 6.0
# The share of failed requests at a gateway that its clients notice.
_FAILING = 0.01
# Against the counters' past a mean must have doubled: nobody knows how it was spread.
_DOUBLED = 2.0


def check(scene: Scene) -> Finding:
    """Yes when a percentile is over its threshold, the budget burns, clients get errors, or a figure left its band."""
    if scene.row is None:
        return Finding(NAME, Answer.UNKNOWN, f"{scene.model} is not known to any target")
    found = list(_symptoms(scene))
    evidence = tuple(each for each, _ in found)
    said = [words for each, words in found if each.answer is Answer.YES]
    if said:
        return Finding(
            NAME, Answer.YES, "; ".join(dict.fromkeys(said)), evidence, confidence=0.95, at=scene.onset
        )
    if scene.quiet:
        return _quiet(scene, evidence)
    if any(each.answer is Answer.NO for each in evidence):
        return Finding(NAME, Answer.NO, "it is within its promise, and in its band", evidence, confidence=0.9)
    return Finding(NAME, Answer.UNKNOWN, "nothing tells how long its requests take", evidence, confidence=0.3)


def _quiet(scene: Scene, evidence: tuple[Evidence, ...]) -> Finding:
    known = any(row.rate is not None for row in scene.rows)
    if known:
        reason = (
            "too little traffic to say anything about percentiles: fewer than 20 requests in the last minute"
        )
        return Finding(NAME, Answer.NO, reason, evidence, confidence=0.6)
    return Finding(NAME, Answer.UNKNOWN, "its traffic is unknown: no counters", evidence, confidence=0.2)


def _symptoms(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    for row in scene.rows:
        if not row.stale and row.rate:
            yield from _against_objective(scene, row)
    yield from _out_of_band(scene)
    yield from _at_the_gateway(scene)


def _against_objective(scene: Scene, row: ModelRow) -> Iterator[tuple[Evidence, str]]:
    objective = row.slo.objective
    name = f"p{objective.quantile * 100:g}"
    if row.slo.ratio is not None and row.percentiles is not None:
        value = row.slo.ratio * objective.latency_ms
        over = row.slo.ratio > 1.0 and not scene.quiet
        shift = Shift(value, objective.latency_ms, 0.0, "the objective", "p99_ms")
        said = f"{name} of v{row.version} is {value:.1f} ms of {objective.latency_ms:g} ms promised"
        yield scene.figure(NAME, _yes(over), f"{name} against the objective", shift), said
    elif row.mean_ms is not None:
        over = row.mean_ms > objective.latency_ms and not scene.quiet
        shift = Shift(row.mean_ms, objective.latency_ms, 0.0, "the objective", "mean_ms")
        said = (
            f"even the mean of v{row.version} is {row.mean_ms:.1f} ms of {objective.latency_ms:g} ms promised"
        )
        answer = Answer.YES if over else Answer.UNKNOWN
        hint = next((warn.hint for warn in row.warnings if warn.id == "no-percentiles"), "")
        yield (
            scene.figure(NAME, answer, "mean against the objective", shift)._replace(hint=hint),
            said,
        )
    burn = row.slo.burn.get("5m")
    if burn is not None and not scene.quiet:
        said = f"v{row.version} burns its error budget {burn:.1f} times too fast"
        shift = Shift(burn, 1.0, 0.0, "what the objective allows", "error_ratio")
        yield scene.figure(NAME, _yes(burn >= _BURN), "5 m burn rate", shift)._replace(unit="×"), said


def _out_of_band(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    moved = scene.moved
    if moved is not None:
        shift = scene.shift(moved.column)
        said = f"{NAMES[moved.column]} left its band at {clock(moved.at)} ({moved_words(moved)})"
        made = scene.figure(NAME, Answer.YES, NAMES[moved.column], shift)
        yield made._replace(at=moved.at), said
    elif not scene.quiet:
        yield from _against_the_past(scene)


def _against_the_past(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    """Where nothing moved while the console watched: the counters' own past, if the model was served before."""
    shift = scene.shift("mean_ms")
    least = max(1.0, 0.02 * (scene.row.slo.objective.latency_ms if scene.row else 0.0))
    up = shift.up(_DOUBLED, least)
    if up is None:
        return
    said = f"the mean is {shift.ratio or 0:.1f}× that of the requests before ({shift.base:.1f} → {shift.now:.1f} ms)"
    yield scene.figure(NAME, _yes(up), "mean latency", shift), said


def _at_the_gateway(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    strain = Strain(scene)
    for route in strain.routes:
        failed = (route.failed or 0.0) + (route.rejected or 0.0)
        share = failed / route.rate if route.rate else 0.0
        before = strain.route_shift(route, "failed")
        failing = share >= _FAILING and failed > 2 * (before.base or 0.0)
        yield (
            Evidence(
                NAME,
                _yes(failing),
                "failed tries at the gateway",
                route.name,
                failed,
                before.base,
                "/s",
                f"counter, baseline {before.basis}" if before.basis else "counter",
                route.kind,
                route.age_s,
                route.query,
            ),
            f"{failed:.1f} tries a second fail at the gateway, of {route.rate:.1f} asked for",
        )


def _yes(holds: bool) -> Answer:  # noqa: FBT001 - the one thing it turns into an answer
    return Answer.YES if holds else Answer.NO
