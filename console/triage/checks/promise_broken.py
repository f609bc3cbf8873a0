"""Whether the model breaks its promise now, or has left its band."""

from collections.abc import Iterator
from math import isfinite

from console.domain.rows import ModelRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import absent
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain, enough
from console.triage.words import NAMES, clock, moved_words

NAME = "promise_broken"
# The factor at which a short window of the budget is worth a ticket.
_BURN = 6.0
# The share of failed requests at a gateway that its clients notice.
_FAILING = 0.01
# Against the counters' past a mean must have doubled: nobody knows how it was spread.
_DOUBLED = 2.0
# As many that wait for so long, while nothing is answered, are no slow request but a model that hangs.
_WAITING, _STUCK_S = 3.0, 60.0
_HINT = "percentiles need --metrics-config summary_latencies=true, or a probe of the model"


def check(scene: Scene) -> Finding:
    """Yes when a percentile is over its threshold, the budget burns, clients get errors, or a figure left its band."""
    if scene.row is None:
        reason = f"{visible(scene.model, 80)} is not known to any target"
        return Finding(NAME, Answer.UNKNOWN, reason, (absent(NAME),), confidence=0.2)
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
        known = any(row.percentiles is not None for row in scene.rows)
        reason = (
            "it is within its promise, and in its band"
            if known
            else "what is known of it is in its band; whether p99 is within its promise is not known"
        )
        return Finding(NAME, Answer.NO, reason, evidence, confidence=0.9 if known else 0.7)
    reason = "neither its percentiles nor its usual mean are known"
    return Finding(NAME, Answer.UNKNOWN, reason, evidence or (_unseen(scene),), confidence=0.3)


def _quiet(scene: Scene, evidence: tuple[Evidence, ...]) -> Finding:
    known = any(row.rate is not None and isfinite(row.rate) and not row.stale for row in scene.rows)
    if known:
        reason = (
            "too little traffic to say anything about percentiles: fewer than 20 requests in the last minute"
        )
        counted = scene.figure(NAME, Answer.NO, NAMES["rate"], scene.shift("rate"))
        return Finding(NAME, Answer.NO, reason, (*evidence, counted), confidence=0.6)
    said = "its traffic is unknown: its targets do not answer, or give no counters"
    return Finding(NAME, Answer.UNKNOWN, said, (*evidence, _unseen(scene, "rate")), confidence=0.2)


def _unseen(scene: Scene, column: str = "mean_ms") -> Evidence:
    return scene.figure(NAME, Answer.UNKNOWN, NAMES[column], Shift(None, None, column=column))


def _symptoms(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    for row in scene.rows:
        if not row.stale and row.rate:
            yield from _against_objective(scene, row)
    yield from _out_of_band(scene)
    yield from _stuck(scene)
    yield from _at_the_gateway(scene)


def _stuck(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    """Requests that wait while none is answered: no latency and no counter tells of a model that hangs."""
    waiting = scene.figures().bins("pending").between(scene.snapshot.at - _STUCK_S, scene.snapshot.at).known
    counted = scene.figures().bins("rate").between(scene.snapshot.at - _STUCK_S, scene.snapshot.at).known
    if (
        not len(waiting.at)
        or not len(counted.at)
        or scene.requests() > 0
        or scene.snapshot.elapsed_s < _STUCK_S
    ):
        return
    least = float(waiting.values.min())
    if least < _WAITING:
        return
    said = f"at least {least:.0f} requests have been waiting for a minute, and none was answered"
    shift = Shift(least, 0.0, 0.0, "of a model that answers", "pending")
    yield scene.figure(NAME, Answer.YES, "requests waiting", shift), said


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
        hint = next((warn.hint for warn in row.warnings if warn.id == "no-percentiles"), _HINT)
        yield (
            scene.figure(NAME, answer, "mean against the objective", shift)._replace(hint=hint),
            said,
        )
    burn = row.slo.burn.get("5m")
    if burn is not None and not scene.quiet:
        said = f"v{row.version} burns its error budget {burn:.1f} times too fast"
        shift = Shift(burn, 1.0, 0.0, "what the objective allows", "error_ratio")
        answer = _yes(burn >= _BURN and not _recovered(scene, row))
        yield scene.figure(NAME, answer, "5 m burn rate", shift)._replace(unit="×"), said


def _recovered(scene: Scene, row: ModelRow) -> bool:
    """Whether what burned is over: p99 is known to be within the promise, and no more fails now than it allows."""
    failing = scene.shift("error_ratio").now
    if row.slo.ratio is None or row.percentiles is None or failing is None or scene.moved is not None:
        return False
    return row.slo.ratio <= 1.0 and failing <= 1.0 - row.slo.objective.availability


def _out_of_band(scene: Scene) -> Iterator[tuple[Evidence, str]]:
    moved = scene.moved
    if moved is not None:
        shift = scene.shift(moved.column)
        said = f"{NAMES[moved.column]} left its band at {clock(moved.at)} ({moved_words(moved)})"
        if scene.over is not None:
            said += f"; the mean is back since {clock(scene.over)}, and percentiles look back a minute"
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
        counted = [(column, getattr(route, column)) for column in ("failed", "rejected")]
        known = [(column, value) for column, value in counted if value is not None]
        if not known or not route.rate:
            continue
        failed = sum(value for _, value in known)
        usual = [strain.route_shift(route, column) for column, _ in known]
        bases = [shift.base for shift in usual if shift.base is not None]
        before = sum(bases) if bases else None
        failing = failed >= _FAILING * route.rate and failed > 2 * (before or 0.0) and enough(route)
        basis = next((shift.basis for shift in usual if shift.basis), "")
        yield (
            Evidence(
                NAME,
                _yes(failing),
                "failed tries at the gateway",
                route.name,
                failed,
                before,
                "/s",
                f"counter, baseline {basis}" if basis else "counter",
                route.kind,
                route.age_s,
                route.query,
            ),
            f"{failed:.1f} tries a second fail at the gateway, of {route.rate:.1f} asked for",
        )


def _yes(holds: bool) -> Answer:  # noqa: FBT001 - the one thing it turns into an answer
    return Answer.YES if holds else Answer.NO
