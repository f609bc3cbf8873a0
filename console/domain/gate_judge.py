"""From figures and answers to the checks of a gate."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.basis import Basis, Missing
from console.domain.gate import (
    GPU_MEMORY,
    MEAN,
    P99,
    QUEUE,
    Check,
    Limits,
    Outcome,
    needed,
)
from console.domain.gate_answers import Answers
from console.domain.gate_correctness import correctness
from console.domain.gate_errors import Counted, errors
from console.domain.gate_figures import Figures, Latency
from console.domain.gate_memory import HeldPair

# A p99 of fewer requests rests on fewer than ten of them.
SURE = 1000
_BASES = (Basis.HISTOGRAM, Basis.SUMMARY, Basis.PROBE)
_NO_P99 = "start Triton with --metrics-config summary_latencies=true, or measure one: --probe 100"
_SIDES = ("baseline", "candidate")


class Probed(NamedTuple):
    """The gate's own requests to one side: the latency of those that were answered, and how many were not."""

    latency: Latency | None
    ok: int
    failed: int
    error: str = ""


class Evidence(NamedTuple):
    """All that a gate knows; ``probes`` are of both sides, None where none were sent, ``answers`` None where none were asked."""

    baseline: Figures
    candidate: Figures
    memory: HeldPair
    probes: tuple[Probed, Probed] | None = None
    answers: Answers | None = None


def judged(evidence: Evidence, limits: Limits) -> tuple[Check, ...]:
    """Every check that is not skipped, in the order of CHECKS."""
    found = [*_latency(evidence, limits)]
    found += [make(evidence, limits) for make in _OTHERS.values()]
    checks = (check for check in found if check.id not in limits.skipped)
    return tuple(check._replace(needed=check.needed and needed(check.id, limits)) for check in checks)


def above(baseline: float, ratio: float, floor: float) -> float:
    """The greatest figure that passes: the baseline's times the ratio, and never less than the floor more."""
    return max(baseline * ratio, baseline + floor)


def _latency(evidence: Evidence, limits: Limits) -> Iterator[Check]:
    """The p99, and the mean where no p99 can be had of both."""
    basis = _common(evidence, limits)
    if basis is not None:
        yield _p99(evidence, limits, basis)
        return
    silent = next((side for side, figures in _both(evidence) if not _tells(figures)), "")
    if not silent:
        yield Check(P99, Outcome.UNKNOWN, _too_few(evidence, limits))
        return
    why = f"nothing tells a p99 of the {silent}: {_NO_P99}"
    rest = "" if limits.allow_mean else "; --allow-mean lets the mean stand for it"
    check = Check(P99, Outcome.UNKNOWN, why + rest)
    # It stays listed, and no longer keeps the gate from passing.
    yield check if not limits.allow_mean or P99 in limits.required else check._replace(needed=False)
    mean = _means(evidence, limits, MEAN, limits.p99_ratio, lambda figures: figures.mean_ms)
    yield mean._replace(needed=limits.allow_mean or MEAN in limits.required)


def _both(evidence: Evidence) -> Iterator[tuple[str, Figures]]:
    yield from zip(_SIDES, (evidence.baseline, evidence.candidate), strict=True)


def _common(evidence: Evidence, limits: Limits) -> Basis | None:
    """The best basis that both sides have with enough requests."""
    for basis in _BASES:
        pair = _pair(evidence, basis)
        if pair is None:
            continue
        traffic = min(evidence.baseline.traffic, evidence.candidate.traffic)
        enough = min(each.n for each in pair) if basis is Basis.PROBE else traffic
        if enough >= (100 if basis is Basis.PROBE else limits.min_requests):
            return basis
    return None


def _pair(evidence: Evidence, basis: Basis) -> tuple[Latency, Latency] | None:
    if basis is Basis.PROBE and evidence.probes is not None:
        first, second = (each.latency for each in evidence.probes)
    else:
        first, second = (figures.latencies.get(basis) for _, figures in _both(evidence))
    if first is None or second is None or first.p99 is None or second.p99 is None:
        return None
    return first, second


def _tells(figures: Figures) -> bool:
    """Whether a server tells percentiles of this side, or would if it were not idle."""
    known = any(latency.p99 is not None for latency in figures.latencies.values())
    return known or figures.latency_missing in (Missing.IDLE, Missing.NO_DATA)


def _too_few(evidence: Evidence, limits: Limits) -> str:
    """Why there is no p99 that both sides have, although both tell one."""
    few = [pair for pair in _both(evidence) if pair[1].traffic < limits.min_requests]
    if few:
        return _lacking(few, limits)
    mute = [pair for pair in _both(evidence) if not pair[1].latencies]
    if mute:
        side, figures = mute[0]
        return (
            _unanswered(side) if figures.mean_ms is None else f"no p99 of the {side} is told while it is idle"
        )
    return f"the sides tell their p99 in different ways ({_ways(evidence)}): --probe 100 measures both alike"


def _lacking(few: Sequence[tuple[str, Figures]], limits: Limits) -> str:
    """Which sides lack requests, and where they come from."""
    blind = [side for side, figures in few if figures.requests is None]
    if blind:
        who = " and ".join(blind)
        return f"nothing counted the requests of the {who}: does it serve, and is its metrics port right?"
    had = " and ".join(f"{side} had {_requests(figures)}" for side, figures in few)
    counts = [_requests(figures) for _, figures in few]
    if len(few) == len(_SIDES) and counts[0] == counts[1]:
        had = f"both sides had {counts[0]}"
    own = any(figures.probed > limits.min_requests for _, figures in few)
    send = "send it traffic" if own else "send it traffic, or --probe 100"
    return f"{had}, {limits.min_requests} are needed: {send}"


def _unanswered(side: str) -> str:
    return f"no request of the {side} was answered"


def _requests(figures: Figures) -> str:
    number = f"{figures.traffic:,} request{'' if figures.traffic == 1 else 's'}"
    return f"{number} beside the {figures.probed:,} of this gate" if figures.probed else number


def _below(evidence: Evidence, limits: Limits) -> list[tuple[str, Figures]]:
    """The sides with too few requests, the gate's own included."""
    return [pair for pair in _both(evidence) if round(pair[1].requests or 0.0) < limits.min_requests]


def _ways(evidence: Evidence) -> str:
    return " and ".join(", ".join(sorted(figures.latencies)) for _, figures in _both(evidence))


def _p99(evidence: Evidence, limits: Limits, basis: Basis) -> Check:
    pair = _pair(evidence, basis)
    if pair is None:
        raise ValueError("a common basis has two sides")
    first, second = pair
    before, now = first.p99 or 0.0, second.p99 or 0.0
    limit = above(before, limits.p99_ratio, limits.floor_ms)
    n = min(first.n, second.n)
    check = Check(P99, Outcome.PASS, "", before, now, limit, "ms", basis.value, n)
    if now <= limit:
        return check._replace(why=_within(before, now, limits.p99_ratio, limits) + _worst(second))
    if n < SURE and not _also_p95(first, second, limits):
        few = max(round(n / 100), 1)
        why = (
            f"{_over(before, now, limit)}, but that rests on the slowest {few} of {n:,} requests and the p95 is"
            f" within the limit: {SURE:,} requests settle it"
        )
        return check._replace(outcome=Outcome.UNKNOWN, why=why)
    return check._replace(outcome=Outcome.FAIL, why=_over(before, now, limit) + _worst(second))


def _also_p95(first: Latency, second: Latency, limits: Limits) -> bool:
    """Whether the p95 is over its limit too; one that nobody tells does not object."""
    if first.p95 is None or second.p95 is None:
        return True
    return second.p95 > above(first.p95, limits.p99_ratio, limits.floor_ms)


def _worst(latency: Latency) -> str:
    if latency.worst is None:
        return ""
    name, value = latency.worst
    return f"; of several targets the median one's, the slowest is {name} with {value:,.1f} ms"


def _over(before: float, now: float, limit: float) -> str:
    times = f", {now / before:.1f}× the baseline's" if before > 0 else ""
    return f"{now:,.1f} ms{times}, is over the {limit:,.1f} ms that pass"


def _within(before: float, now: float, ratio: float, limits: Limits) -> str:
    if now > before * ratio:
        return f"{now - before:,.1f} ms more than the baseline, which is under the floor of {limits.floor_ms:g} ms"
    return (
        f"{now / before:.2f}× the baseline's, up to {ratio:g}× passes"
        if before > 0
        else "as fast as the baseline"
    )


def _queue(evidence: Evidence, limits: Limits) -> Check:
    return _means(evidence, limits, QUEUE, limits.queue_ratio, lambda figures: figures.queue_ms)


def _means(
    evidence: Evidence, limits: Limits, name: str, ratio: float, of: Callable[[Figures], float | None]
) -> Check:
    """A mean per request of both sides, over enough requests."""
    n = min(round(figures.requests or 0.0) for _, figures in _both(evidence))
    before, now = of(evidence.baseline), of(evidence.candidate)
    few = _below(evidence, limits)
    if few:
        return Check(name, Outcome.UNKNOWN, _lacking(few, limits), before, now, None, "ms", n=n)
    if before is None or now is None:
        who = "baseline" if before is None else "candidate"
        return Check(name, Outcome.UNKNOWN, _unanswered(who), before, now, n=n)
    limit = above(before, ratio, limits.floor_ms)
    bad = now > limit
    why = _over(before, now, limit) if bad else _within(before, now, ratio, limits)
    own = [side for side, figures in _both(evidence) if figures.traffic < limits.min_requests]
    if own and name == QUEUE:
        why += f"; mostly the gate's own requests to the {own[0]}, one at a time: queues build under load"
    outcome = Outcome.FAIL if bad else Outcome.PASS
    return Check(name, outcome, why, before, now, limit, "ms", Basis.MEAN.value, n)


def _errors(evidence: Evidence, limits: Limits) -> Check:
    counters = tuple(Counted(figures.requests, figures.failed) for _, figures in _both(evidence))
    sent = None
    if evidence.probes is not None:
        sent = tuple(Counted(each.ok + each.failed, each.failed) for each in evidence.probes)
    few = _below(evidence, limits)
    why = _lacking(few, limits) if few else ""
    return errors(counters, sent, limits, why)


def _memory(evidence: Evidence, limits: Limits) -> Check:
    before, now = evidence.memory.baseline, evidence.memory.candidate
    if before.bytes is None or now.bytes is None:
        why = before.why or now.why
        return Check(GPU_MEMORY, Outcome.UNKNOWN, why, before.bytes, now.bytes, unit="bytes")
    limit = above(before.bytes, limits.gpu_memory_ratio, limits.floor_bytes)
    bad = now.bytes > limit
    more = (now.bytes - before.bytes) / 2**30
    why = f"{more:+,.2f} GiB, {'over' if bad else 'within'} the limit of {limit / 2**30:,.2f} GiB; known by {now.how}"
    outcome = Outcome.FAIL if bad else Outcome.PASS
    return Check(GPU_MEMORY, outcome, why, before.bytes, now.bytes, limit, "bytes", Basis.GAUGE.value)


_OTHERS: Mapping[str, Callable[[Evidence, Limits], Check]] = {
    "queue": _queue,
    "errors": _errors,
    "gpu_memory": _memory,
    "correctness": lambda evidence, _: correctness(evidence.answers),
}
