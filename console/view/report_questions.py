"""What stays open: each question comes from a fact, none from a guess."""

from collections.abc import Iterator

from console.domain.marker import Marker, MarkerKind
from console.domain.plan import Standing
from console.domain.report import AlertSpan, Facts
from console.domain.triage import UNKNOWN as NOT_KNOWN
from console.view.markdown import bullets, name, text
from console.view.report_actions import failing, measured, subjects
from console.view.report_evidence import unknowns
from console.view.report_summary import harmed
from console.view.report_words import clock, long, moment, span
from console.view.run import check_words

_MOST = 60
_PEOPLE = (MarkerKind.NOTE, MarkerKind.ACTION, MarkerKind.FREEZE, MarkerKind.INCIDENT)


def questions(facts: Facts) -> list[str]:
    """The section's lines."""
    found = list(
        dict.fromkeys(
            [
                *_cause(facts),
                *_promises(facts),
                *_recording(facts),
                *_plans(facts),
                *_remains(facts),
                *_alerts(facts),
            ]
        )
    )
    if not found:
        return ["None that the facts give rise to."]
    more = [f"{len(found) - _MOST} more."] if len(found) > _MOST else []
    return bullets([*found[:_MOST], *more])


def _cause(facts: Facts) -> Iterator[str]:
    told = {each.walk.model for each in facts.answers if each.walk.verdict != NOT_KNOWN}
    for impact in harmed(facts)[:10]:
        if impact.model not in told:
            yield f"What was the cause for {name(impact.model)}? The triage gave no answer that names one."
    for what, hint in unknowns(facts.answers).items():
        yield f"Unknown to the triage: {text(what)}. To know it next time: {text(hint)}."


def _promises(facts: Facts) -> Iterator[str]:
    for impact in harmed(facts)[:10]:
        whose = name(impact.model)
        if impact.percentile is None:
            why = text(impact.unknown_p99 or "its promised percentile was not read")
            yield f"How slow was {whose} for its slowest users? {why[:1].upper()}{why[1:]}."
        if impact.within is False:
            yield f"{whose} still broke its promise when the window ended: is it over?"
        elif impact.within is None:
            yield f"Did {whose} recover? Its targets did not answer at the end of the window."
        if impact.counted is not None and impact.counted.resets:
            yield f"How many requests of {whose} were lost with its counters when they began anew?"


def _recording(facts: Facts) -> Iterator[str]:
    for missing in facts.missing:
        yield f"Not to be had for this report: {text(missing)}."
    if facts.tape is None:
        yield "How did the figures move? Let the flight recorder run, or `triton-console record` as a service."
        return
    for gap in facts.tape.gaps:
        yield f"What happened from {span(gap)}? {gap.why[:1].upper()}{gap.why[1:]}."
    for problem in facts.tape.problems:
        yield f"Damage in the recording: {text(problem)}."


def _plans(facts: Facts) -> Iterator[str]:
    for done in facts.done:
        entry = done.entry
        which = f"plan {name(entry.id)} ({text(entry.plan.goal)})"
        if entry.unfinished:
            yield f"What became of {which}? Its end is not written: `triton-console recover` shows what was done."
        elif entry.touched and entry.plan.blast.models and not measured(done):
            yield f"What did {which} do to the figures? Its effect was not measured."
        for part in entry.plan.parts:
            if part.standing in (Standing.MUTABLE, Standing.UNKNOWN):
                why = f": {text(part.detail)}" if part.detail else ""
                yield f"Was the {part.name.value} truly restored by {which}? It is {part.standing.value}{why}."
        for unknown in entry.plan.unknown:
            yield f"Unknown to {which}: {text(unknown)}."
        for word, verdicts in failing(done):
            why = f": {text(verdicts[0].detail)}" if verdicts[0].detail else ""
            yield f"The check of {text(check_words(verdicts[0]))} of {subjects(verdicts)} after {which} {word}{why}."


def _remains(facts: Facts) -> Iterator[str]:
    lock, at = facts.remains.lock, facts.remains.at
    if lock is not None and at is not None and not lock.expired(at):
        until = f", until {clock(lock.until)}" if lock.until is not None else ""
        yield f"Deploys were still frozen at {moment(facts, at)}, by {text(lock.who, 60)}{until}: may they go on?"
    for drift in facts.remains.drifts:
        yield f"Who undid this? {text(drift.sentence)} (plan {name(drift.plan)})."


def _alerts(facts: Facts) -> Iterator[str]:
    for alert in facts.alerts:
        if alert.until is None:
            yield f"The alert {text(alert.id, 40)} of {name(alert.subject)} still held when the window ended."
        if alert.paged is not None and not alert.note and not _answered(facts, alert):
            held = long((alert.until or facts.window.until) - alert.since)
            yield f"Did anybody see the page {text(alert.id, 40)} of {name(alert.subject)}? It held for {held}, and nobody acted, wrote a note or opened an incident meanwhile."


def _answered(facts: Facts, alert: AlertSpan) -> bool:
    """Whether a person did anything while the alert held, about its model or about the fleet."""
    until = alert.until or facts.window.until

    def about(marker: Marker) -> bool:
        return (
            marker.kind in _PEOPLE and alert.since <= marker.at <= until and marker.model in {"", alert.model}
        )

    acted = any(alert.since <= done.entry.at <= until for done in facts.done)
    return acted or any(map(about, facts.markers))
