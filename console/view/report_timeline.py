"""What happened, in one table: UTC and the replay's timecodes, the same change on several targets as one."""

from collections.abc import Iterator
from typing import NamedTuple

from console.domain.marker import Marker, MarkerKind
from console.domain.report import Facts
from console.view.markdown import name, table, text
from console.view.report_words import clock, long, plural, stamp, timecode, within
from console.view.run import RESULTS
from console.view.timeline import Change, changes
from console.view.waves import WORDS

_MOST = 400
_DETAIL = 400
_TARGETS = 4
# An answer is shown so soon.
_SHOWN_S = 5.0


class Event(NamedTuple):
    """One row: when, what, whose, on what, and what is known of it."""

    at: float
    what: str
    subject: str = ""
    targets: tuple[str, ...] = ()
    detail: str = ""


def timeline(facts: Facts) -> list[str]:
    """The section's lines."""
    events = sorted(_events(facts), key=lambda event: event.at)
    if not events:
        return ["Nothing is known to have happened in the window."]
    shown = events[:_MOST]
    titles = ("UTC", "TIMECODE", "WHAT", "SUBJECT", "ON", "DETAIL")
    lines = table(titles, (_row(facts, event) for event in shown))
    if len(events) > len(shown):
        lines += ["", f"{plural(len(events) - len(shown), 'later event')}: the recording has them."]
    return lines


def _events(facts: Facts) -> Iterator[Event]:
    yield from map(_change, changes(facts.markers))
    yield from _incident(facts)
    yield from _plans(facts)
    yield from _answers(facts)
    for gap in facts.tape.gaps if facts.tape else ():
        yield Event(
            gap.since,
            "gap",
            "",
            (),
            f"{gap.why}: nothing is known of {long(gap.seconds)}, until {clock(gap.until)}",
        )


def _answers(facts: Facts) -> Iterator[Event]:
    """Each answer, unless its marker tells it already, and since when the figures are as they are."""
    marked = [marker for marker in facts.markers if marker.kind is MarkerKind.TRIAGE]
    for each in facts.answers:
        walk = each.walk
        verdict = f"{walk.verdict.replace('_', ' ')}, {walk.confidence * 100:.0f} % sure"
        how = "" if each.recorded else " (computed from the recording)"
        told = (mark.model == walk.model and abs(mark.at - walk.at) <= _SHOWN_S for mark in marked)
        if not (each.recorded and any(told)):
            detail = f"{walk.runbook.id}: {verdict}{how}"
            yield Event(walk.at, WORDS[MarkerKind.TRIAGE], walk.model, (), detail)
        if walk.onset is not None:
            yield Event(walk.onset, "onset", walk.model, (), walk.story or "the figures leave their band")


def _change(change: Change) -> Event:
    first = change.first
    times = f" ×{len(change.markers)}" if len(change.markers) > 1 else ""
    return Event(first.at, f"{WORDS[first.kind]}{times}", change.subject, change.targets, first.detail)


def _incident(facts: Facts) -> Iterator[Event]:
    """When it was opened and closed, unless the recording's markers tell it already: often it ends before the closing."""
    incident = facts.incident
    if incident is None:
        return
    told = {marker.at for marker in facts.markers if marker.kind is MarkerKind.INCIDENT}
    why = f": {incident.why}" if incident.why else ""
    if incident.opened not in told:
        yield Event(incident.opened, "incident", incident.id, (), f"opened by {incident.by}{why}")
    if incident.closed is not None and incident.closed not in told:
        yield Event(incident.closed, "incident", incident.id, (), f"closed by {incident.closed_by}")


def _plans(facts: Facts) -> Iterator[Event]:
    """When each plan began, and when it ended where no marker tells it already."""
    for done in facts.done:
        entry = done.entry
        yield Event(
            entry.at,
            "action begun",
            entry.plan.action.model,
            (),
            f"{entry.plan.goal} by {entry.who} ({entry.id})",
        )
        if done.ended is not None and not any(_tells(marker, entry.id) for marker in facts.markers):
            word = RESULTS[entry.result][0].partition(" ")[2].lower()
            yield Event(
                done.ended, "action", entry.plan.action.model, (), f"{entry.plan.goal}: {word} ({entry.id})"
            )


def _tells(marker: Marker, plan: str) -> bool:
    return marker.kind is MarkerKind.ACTION and f"({plan})" in marker.detail


def _row(facts: Facts, event: Event) -> tuple[str, ...]:
    day = facts.window.since // 86400 != facts.window.until // 86400
    named = ", ".join(name(target) for target in event.targets[:_TARGETS])
    more = f" +{len(event.targets) - _TARGETS}" if len(event.targets) > _TARGETS else ""
    return (
        stamp(event.at) if day else clock(event.at),
        timecode(facts, event.at) if within(facts, event.at) else "–",
        event.what,
        name(event.subject) if event.subject else "–",
        f"{named}{more}" or "–",
        text(event.detail, _DETAIL) or "–",
    )
