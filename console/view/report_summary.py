"""The summary of a report: a few sentences of facts."""

from collections.abc import Iterator, Sequence

from console.domain.action import ActionKind
from console.domain.basis import Basis
from console.domain.report import AlertSpan, Answered, Done, Facts, Impact
from console.domain.triage import UNKNOWN as NOT_KNOWN
from console.view import format as write
from console.view.markdown import name, text
from console.view.report_words import count, long, moment, ms, plural, quantile, share
from console.view.run import RESULTS

_MODELS, _PLANS = 2, 3
_HOLDING = (ActionKind.FREEZE, ActionKind.UNFREEZE)


def harmed(facts: Facts) -> tuple[Impact, ...]:
    """The models that broke their promise within the window, the worst first."""
    return tuple(impact for impact in facts.impacts if impact.broken_s > 0)


def paged(facts: Facts) -> AlertSpan | None:
    """The first page about a model that broke its promise, else the first page at all."""
    pages = sorted(
        (span for span in facts.alerts if span.paged is not None), key=lambda span: span.paged or 0.0
    )
    models = {impact.model for impact in harmed(facts)}
    return next((span for span in pages if span.model in models), next(iter(pages), None))


def acted(facts: Facts) -> Done | None:
    """The first plan since the page that changed how requests are served; a freeze only holds still."""
    page = paged(facts)
    since = page.since if page else facts.window.since
    changing = (
        done
        for done in facts.done
        if done.entry.touched
        and done.entry.plan.action.kind not in _HOLDING
        and (done.ended or done.entry.at) >= since
    )
    return next(changing, None)


def summary(facts: Facts) -> list[str]:
    """The sentences, as Markdown, one a line."""
    if facts.tape is None:
        return [*_unrecorded(facts), *_people(facts)]
    people = (*_owners(facts), *_people(facts))
    return [*_promises(facts), *_begun(facts), *_verdicts(facts), *people, *_times(facts)]


def promise(impact: Impact) -> str:
    """``p99 within 50 ms, 99.9 % answered``."""
    aim = impact.objective
    within = f"{quantile(aim.quantile)} within {write.threshold(aim.latency_ms)} ms"
    return f"{within}, {write.threshold(aim.availability * 100)} % answered"


def failed_words(impact: Impact) -> str:
    """``1,204 of 240,311 requests failed (0.50 %)``; with resets at least so many."""
    counted = impact.counted
    if counted is None:
        return "how many requests failed is unknown: no counter of it was read"
    if counted.requests <= 0:
        return "no request was counted"
    least = "at least " if counted.resets else ""
    if counted.broken <= 0:
        return f"none of {least}{count(counted.requests)} requests failed by Triton's counters"
    ratio = counted.broken / counted.requests
    return f"{least}{count(counted.broken)} of {count(counted.requests)} requests failed ({share(ratio)})"


def late_end(impact: Impact) -> bool:
    """Whether its end is known by a percentile that looks back."""
    return impact.slow_s > 0 and impact.percentile is not None and impact.percentile.basis == Basis.SUMMARY


def _unrecorded(facts: Facts) -> Iterator[str]:
    yield "Nothing was recorded of this window: how many requests were served, failed or slow is unknown."
    if not facts.done:
        yield "The journal knows of no change within it."


def _promises(facts: Facts) -> Iterator[str]:
    found = harmed(facts)
    if not found:
        yield _kept(facts)
        return
    for impact in found[:_MODELS]:
        yield _broke(facts, impact)
    if len(found) > _MODELS:
        names = ", ".join(name(impact.model) for impact in found[_MODELS : 3 * _MODELS])
        more = f" and {len(found) - 3 * _MODELS} more" if len(found) > 3 * _MODELS else ""
        yield f"So did {names}{more}: see Impact."


def _kept(facts: Facts) -> str:
    counted = [impact.counted for impact in facts.impacts if impact.counted]
    models = plural(len(facts.impacts), "model")
    if not counted:
        return f"None of {models} was seen to break its promise in the window; how many requests came is unknown: no counter was read twice."
    served = sum(each.served for each in counted)
    failed = sum(each.broken for each in counted)
    least = "at least " if any(each.resets for each in counted) else ""
    said = f"{least}{count(served)} requests were served and {least}{count(failed)} failed"
    return f"No model was seen to break its promise in the window: {said}, of {models}."


def _broke(facts: Facts, impact: Impact) -> str:
    first, last = impact.first or facts.window.since, impact.last or facts.window.until
    if impact.within is False:
        until = "on, and still did when the window ended"
    elif impact.within is None:
        until = f"last seen so at {moment(facts, last)}; what followed is unknown"
    else:
        until = f"until {moment(facts, last)}"
    spell = f"for {long(impact.broken_s)} in all, from {moment(facts, first)} {until}"
    return f"{name(impact.model)} broke its promise ({promise(impact)}) {spell}: {_figures(impact)}."


def _figures(impact: Impact) -> str:
    parts = []
    worst = impact.percentile or impact.p99
    if worst is not None:
        which = quantile(impact.objective.quantile) if impact.percentile else "p99"
        parts.append(f"its {which} was {ms(worst.value)} at worst ({worst.basis}, {name(worst.subject)})")
    elif impact.mean is not None:
        parts.append(f"its p99 is unknown, its mean was {ms(impact.mean.value)} at worst")
    if impact.down_s > 0:
        parts.append(f"no version of it served for {long(impact.down_s)}")
    parts.append(failed_words(impact))
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]


def _begun(facts: Facts) -> Iterator[str]:
    page = paged(facts)
    onset = next((a.walk.onset for a in facts.answers if a.walk.onset is not None), None)
    parts = []
    if onset is not None:
        parts.append(f"it began at {moment(facts, onset)} by the figures")
    first = facts.alerts[0] if facts.alerts else None
    if first is not None and first is not page:
        parts.append(f"the first alert held from {moment(facts, first.since)} ({text(first.message)})")
    if page is not None and page.paged is not None:
        parts.append(f"the console called it a page at {moment(facts, page.paged)} ({text(page.message)})")
    elif first is not None:
        parts.append("it never was a page")
    if parts:
        said = ", ".join(parts)
        yield f"{said[0].upper()}{said[1:]}."


def _verdicts(facts: Facts) -> Iterator[str]:
    concluded = [each for each in facts.answers if each.walk.verdict != NOT_KNOWN]
    causes: dict[str, list[Answered]] = {}
    for each in concluded:
        causes.setdefault(each.walk.verdict, []).append(each)
    for answers in list(causes.values())[:2]:
        yield _verdict(facts, answers)
    if not concluded and harmed(facts):
        asked = "was asked, and its answer was unknown" if facts.answers else "was not asked"
        yield f"No cause is known: the triage {asked}."


def _verdict(facts: Facts, answers: Sequence[Answered]) -> str:
    """One cause, with the models that it was named for, in the words of the first."""
    answer = answers[0]
    walk = answer.walk
    models = ", ".join(name(each) for each in dict.fromkeys(each.walk.model for each in answers[:5]))
    how = "as answered at the time" if answer.recorded else "computed from the recording"
    cause = text(walk.verdict.replace("_", " "))
    said = f"The triage names **{cause}** as the cause for {models}, {walk.confidence * 100:.0f} % sure"
    story = f": {text(walk.story).rstrip('.')}" if walk.story else ""
    return f"{said} ({how}, {moment(facts, walk.at)}){story}."


def _owners(facts: Facts) -> Iterator[str]:
    """Whose the models are that broke their promise, and who is to be called, by their contracts."""
    for impact in harmed(facts)[: 3 * _MODELS]:
        contract = facts.contracts.get(impact.model)
        if contract is not None and contract.whose:
            yield f"The contract of {name(impact.model)} says: {text(contract.whose)}."


def _people(facts: Facts) -> Iterator[str]:
    plans = [done for done in facts.done if done.entry.touched]
    if not plans and facts.tape is not None and harmed(facts):
        yield "The journal knows of no change that anybody made with the console."
    if plans:
        more = f"; {plural(len(plans) - _PLANS, 'more plan')} followed" if len(plans) > _PLANS else ""
        yield f"What was done: {'; '.join(_did(facts, done) for done in plans[:_PLANS])}{more}."


def _did(facts: Facts, done: Done) -> str:
    entry = done.entry
    word = RESULTS[entry.result][0].partition(" ")[2].lower()
    how = "its end is not written" if entry.open else word
    took = "" if done.ended is None else f" after {long(done.ended - entry.at)}"
    did = f"{text(entry.plan.goal)} (plan {name(entry.id)}, {how}{took})"
    return f"{text(entry.who, 60)} at {moment(facts, entry.at)}, {did}"


def _times(facts: Facts) -> Iterator[str]:
    page, done = paged(facts), acted(facts)
    found = harmed(facts)
    over = (
        max((impact.last or 0.0 for impact in found), default=None) if all(i.within for i in found) else None
    )
    again = f"until {', '.join(name(impact.model) for impact in found[:_MODELS])} kept the promise again"
    least = " at most, since a summary looks back a minute" if any(map(late_end, found)) else ""
    parts = []
    if page is not None and done is not None and page.paged is not None and done.entry.at >= page.paged:
        parts.append(f"from the page to the first change {long(done.entry.at - page.paged)}")
    if done is not None and over is not None and over >= done.entry.at:
        parts.append(f"from there {again} {long(over - done.entry.at)}{least}")
    elif page is not None and page.paged is not None and over is not None and over >= page.paged:
        parts.append(f"from the page {again} {long(over - page.paged)}{least}")
    if parts:
        said = ", ".join(parts)
        yield f"It took {said}."
