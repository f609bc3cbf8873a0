"""What users felt: each model's requests against its promise, and what no counter tells."""

from collections.abc import Iterable, Iterator, Sequence

from console.domain.report import AlertSpan, Counted, Facts, GatewayImpact, Impact, Reset
from console.view import format as write
from console.view.markdown import bullets, name, table, text
from console.view.report_summary import harmed, late_end, promise
from console.view.report_words import UNKNOWN, clock, count, long, moment, ms, peak, plural, quantile, share

_MOST = 20
_TITLES = ("MODEL", "SERVED", "FAILED", "SLOWER", "BUDGET", "BURN", "WORST P99", "OUT OF PROMISE")
_FIGURES = frozenset(range(1, 8))


def impact(facts: Facts) -> list[str]:
    """The section's lines."""
    if facts.tape is None:
        return ["Unknown: nothing was recorded, and counters that nobody read cannot be read afterwards."]
    found = harmed(facts)
    lines = [*_models(facts, found), *_others(facts, found)]
    lines += _gateways(facts)
    return [*lines, *_alerts(facts)]


def _models(facts: Facts, found: Sequence[Impact]) -> list[str]:
    if not found:
        return []
    shown = found[:_MOST]
    lines = table(_TITLES, (_row(each) for each in shown), _FIGURES)
    lines += ["", _legend(facts), ""]
    for each in shown:
        lines += [f"{name(each.model)}: {promise(each)}", "", *bullets(_about(facts, each)), ""]
    if len(found) > len(shown):
        lines += [f"{plural(len(found) - len(shown), 'more model')} broke their promise.", ""]
    return lines


def _row(each: Impact) -> tuple[str, ...]:
    counted, budget = each.counted, each.budget
    return (
        name(each.model),
        count(counted.served) if counted else UNKNOWN,
        count(counted.broken) if counted else UNKNOWN,
        _slow(counted),
        _budget(each),
        write.times(budget.peak.value) if budget.peak else UNKNOWN,
        ms(each.p99.value) if each.p99 else UNKNOWN,
        long(each.broken_s),
    )


def _legend(facts: Facts) -> str:
    looks = facts.tape.looks if facts.tape else 0
    every = facts.tape.every_s if facts.tape else 0.0
    counted = (
        "are added up from Prometheus's rates over the window, which smooth what happened within some scrapes"
        if facts.fleet.through_prometheus
        else "are differences of Triton's counters over the window; what a version counted between the last "
        "poll of it and its unloading is nowhere"
    )
    return (
        f"SERVED and FAILED {counted}. SLOWER is the least number that is "
        "proven to have taken longer than promised. BUDGET is the share of the period's error budget that went in the "
        "window, at the window's rate of requests; BURN the greatest burn rate over 5 minutes. Promises were judged on "
        f"{plural(looks, 'picture')}: {write.threshold(round(every, 1))} s apart where something was wrong, some 10 s elsewhere."
    )


def _slow(counted: Counted | None) -> str:
    return UNKNOWN if counted is None or counted.slow is None else f"≥ {count(counted.slow)}"


def _budget(each: Impact) -> str:
    spent = each.budget.spent
    if spent is None:
        return UNKNOWN
    return f"{'≥ ' if not each.budget.latency else ''}{share(spent)}"


def _about(facts: Facts, each: Impact) -> Iterator[str]:
    yield from _requests(facts, each)
    yield from _slowness(facts, each)
    spent = f"{_budget(each)} of the error budget of {write.threshold(each.objective.period_days)} days"
    if each.budget.peak is not None:
        spent += f"; burnt {write.times(each.budget.peak.value)} too fast at worst, in the 5 minutes (or what was seen of them) before {moment(facts, each.budget.peak.at)}"
    yield f"Budget: {spent}{'' if each.budget.latency else '; of failed requests alone, since slow ones are unknown'}."
    yield f"Out of promise: {_out(each)}."
    yield from (f"Not told by its counters: {text(said)}." for said in each.caveats)


def _requests(facts: Facts, each: Impact) -> Iterator[str]:
    counted = each.counted
    if counted is None:
        yield "Requests: unknown, no counter of it was read."
        return
    versions = ", ".join(name(version) for version in each.versions) or "none"
    reasons = (
        ", ".join(f"{count(n)} {text(reason.lower())}" for reason, n in counted.failed.items()) or "none"
    )
    yield f"Requests: {count(counted.served)} served; failed: {reasons}; versions {versions}."
    if "CANCELED" in counted.failed:
        yield "Canceled requests do not count against the promise: the client gave up."
    for which in list(dict.fromkeys(each.version for each in counted.resets))[:5]:
        yield _anew(facts, which, [each for each in counted.resets if each.version == which])


def _anew(facts: Facts, version: str, resets: Sequence[Reset]) -> str:
    """When the counters of one version began anew, and where."""
    first, last = resets[0].at, resets[-1].at
    said = list(dict.fromkeys((moment(facts, first), moment(facts, last))))
    targets = list(dict.fromkeys(each.target for each in resets))
    on = ", ".join(map(name, targets[:4])) + (f" and {len(targets) - 4} more" if len(targets) > 4 else "")
    lost = "what came between the last poll and that moment is lost, and the sums are at least so many"
    return f"The counters of {name(version)} began anew on {on}, {' to '.join(said)}: {lost}."


def _slowness(facts: Facts, each: Impact) -> Iterator[str]:
    limit = f"{write.threshold(each.objective.latency_ms)} ms"
    counted = each.counted
    if counted is not None and counted.slow is not None:
        ratio = f" ({share(counted.slow / counted.requests)})" if counted.requests > 0 else ""
        yield f"Slower than {limit}: at least {count(counted.slow)}{ratio}, {_proof(counted)}."
    else:
        yield f"Slower than {limit}: unknown; {text(each.unknown_p99 or 'no percentiles were read')}."
    which = quantile(each.objective.quantile)
    if each.percentile is not None:
        yield f"Worst {which}: {peak(facts, each.percentile)}; promised are {limit}."
    elif each.p99 is not None:
        yield f"Worst p99: {peak(facts, each.p99)}; {which} itself is unknown."
    else:
        yield f"Worst {which}: unknown; {text(each.unknown_p99 or 'no percentiles were read')}."
    if each.mean is not None:
        yield f"Worst mean: {peak(facts, each.mean)}."


def _proof(counted: Counted) -> str:
    if counted.slow_basis == "histogram":
        return "counted by its histogram's buckets"
    return "proven by summary percentiles, which look back a minute and are of one target each"


def _out(each: Impact) -> str:
    parts = [
        f"{words} for {long(seconds)}"
        for words, seconds in (("slow", each.slow_s), ("failing", each.failing_s), ("down", each.down_s))
        if seconds > 0
    ]
    judged = f"of {long(each.judged_s)} that it was seen"
    how = f" ({', '.join(parts)})" if parts else ""
    late = (
        "; a summary looks back a minute, so that it may have ended up to so much sooner"
        if late_end(each)
        else ""
    )
    return f"{long(each.broken_s)} {judged}{how}{late}"


def _others(facts: Facts, found: Sequence[Impact]) -> list[str]:
    rest = [each for each in facts.impacts if each not in found]
    if not rest:
        return []
    counted = [each.counted for each in rest if each.counted]
    served, failed = sum(each.served for each in counted), sum(each.broken for each in counted)
    failing = [each for each in rest if each.counted and each.counted.broken > 0]
    names = ", ".join(
        f"{name(each.model)} {count(each.counted.broken)}" for each in failing[:10] if each.counted
    )
    whose = f" ({names}{', …' if len(failing) > 10 else ''})" if names else ""
    which = ", ".join(name(each.model) for each in rest[:10]) + (", …" if len(rest) > 10 else "")
    other = "other model" if found else "model"
    kept = (
        f"{plural(len(rest), other)} {'was' if len(rest) == 1 else 'were'} not seen out of promise ({which})"
    )
    if not counted:
        return [f"{kept}: their requests are unknown, no counter of them was read twice.", ""]
    least = "at least " if any(each.resets for each in counted) else ""
    why = ", since counters began anew" if least else ""
    return [f"{kept}: {least}{count(served)} requests served, {least}{count(failed)} failed{whose}{why}.", ""]


def _gateways(facts: Facts) -> list[str]:
    if not facts.gateways:
        said = "What a gateway refused, or a full queue, is in no counter of Triton: unknown, since no gateway is watched."
        return [said, ""]
    titles = ("GATEWAY", "ROUTE", "MODELS", "REQUESTS", "REFUSED", "FAILED", "RETRIES", "TIMEOUTS")
    busy = [each for each in facts.gateways if any(each[4:9]) or each.edge]
    lines = ["What a gateway refuses is in no counter of Triton; these are the gateway's own:", ""]
    lines += table(titles, (_gateway(each) for each in busy[:_MOST]), frozenset(range(3, 8)))
    if all(each.refused is None for each in facts.gateways):
        lines += ["", "This gateway does not count what it refuses: that is unknown."]
    if idle := len(facts.gateways) - len(busy[:_MOST]):
        lines += ["", f"{plural(idle, 'more route')} without a request, or beyond the first {_MOST}."]
    again = [each for each in facts.gateways if each.resets]
    if again:
        names = ", ".join(name(each.name) for each in again[:5])
        lines += ["", f"The counters of {names} began anew within the window: the sums are at least so many."]
    return [*lines, ""]


def _gateway(each: GatewayImpact) -> tuple[str, ...]:
    models = ", ".join(name(model) for model in each.models[:4]) or "–"
    route = "its clients' side" if each.edge else name(each.name)
    figures = (each.requests, each.refused, each.failed, each.retries, each.timeouts)
    return (
        text(each.kind, 40),
        route,
        models,
        *(count(figure) if figure is not None else "not counted" for figure in figures),
    )


def _alerts(facts: Facts) -> list[str]:
    if not facts.alerts:
        return ["No alert fired in the window."]
    titles = ("ALERT", "SUBJECT", "SINCE", "PAGE FROM", "UNTIL", "SAID")
    lines = ["Alerts that fired:", "", *table(titles, _alert_rows(facts.alerts[:_MOST]))]
    if len(facts.alerts) > _MOST:
        lines += ["", f"{plural(len(facts.alerts) - _MOST, 'more alert')} fired: see the timeline."]
    return lines


def _alert_rows(spans: Iterable[AlertSpan]) -> Iterator[tuple[str, ...]]:
    for span in spans:
        said = f"{text(span.message)}; {text(span.evidence)}" if span.evidence else text(span.message)
        yield (
            text(span.id, 40),
            name(span.subject),
            clock(span.since),
            clock(span.paged) if span.paged is not None else "–",
            clock(span.until) if span.until is not None else "held at the end",
            said,
        )
