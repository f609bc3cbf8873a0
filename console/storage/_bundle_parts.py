"""What a bundle holds besides its window, as JSON: markers, records, plans, answers, releases."""

import json
from collections.abc import Iterable, Sequence

from console.domain.incident import Incident, address, markers_of
from console.domain.journal import Entry, Record, RecordKind, entries
from console.domain.marker import Marker
from console.domain.release import Release
from console.domain.release_json import release_json
from console.domain.states import Json, canonical
from console.domain.triage import Walk, WalkedStep
from console.storage._plain import plain


def within(records: Sequence[Record], incident: Incident, until: float) -> tuple[Record, ...]:
    """The records of its window, up to ``until`` (epoch seconds), and all there are of each plan that it saw at work.

    Those of plans on the targets of others are left out: fleets of the command line share one journal.
    """
    seen = {each.plan for each in records if incident.since <= each.at <= until}
    begun = entries(each for each in records if each.kind is RecordKind.BEGIN and each.plan in seen)
    plans = seen - {entry.id for entry in begun if _elsewhere(entry, incident)}
    return tuple(each for each in records if each.plan in plans)


def concerned(records: Iterable[Record], walks: Iterable[Walk]) -> frozenset[str]:
    """The models that plans were made for, or that were asked about."""
    begun = entries(each for each in records if each.kind is RecordKind.BEGIN)
    of_plans = {model for entry in begun for model in (entry.plan.action.model, *entry.plan.blast.models)}
    return frozenset((of_plans | {walk.model for walk in walks}) - {""})


def known_good(releases: Sequence[Release], models: frozenset[str], until: float) -> tuple[Release, ...]:
    """The newest release there was of each model, oldest first; without models the newest of all."""
    before = [release for release in releases if release.at <= until]
    if not models:
        return tuple(before[-1:])
    newest = {model: release for release in before for model in models if release.model(model) is not None}
    chosen = {release.id for release in newest.values()}
    return tuple(release for release in before if release.id in chosen)


def timeline(markers: Iterable[Marker], incident: Incident, since: float, until: float) -> tuple[Marker, ...]:
    """The markers of the window, oldest first, and those of the incident itself, which may be too new to be recorded."""
    found = dict.fromkeys((*markers, *markers_of(incident)))
    return tuple(sorted((each for each in found if since <= each.at <= until), key=lambda each: each.at))


def plans_json(records: Iterable[Record]) -> list[Json]:
    """Each plan and what became of it, for people."""
    return [_plan(entry) for entry in entries(records)]


def walks_json(walks: Iterable[Walk]) -> list[Json]:
    """Each answer of the triage; of its runbook what was asked, with what was found, and what was recommended."""
    return [_walk(walk) for walk in walks]


def releases_json(releases: Iterable[Release]) -> list[Json]:
    """Whole releases, as they are kept."""
    return [release_json(release) for release in releases]


def markers_json(markers: Iterable[Marker]) -> list[Json]:
    """Markers by the names of their fields."""
    return [plain(marker) for marker in markers]


def lines(records: Iterable[Record]) -> bytes:
    """Records, one line each."""
    return b"".join(f"{canonical(plain(record))}\n".encode("ascii") for record in records)


def text(value: Json) -> bytes:
    """A document for people and scripts."""
    return f"{json.dumps(plain(value), indent=1, allow_nan=False)}\n".encode("ascii")


def _elsewhere(entry: Entry, incident: Incident) -> bool:
    urls = {address(text.partition(",")[0]) for text in entry.targets.values()}
    return bool(urls and incident.targets) and urls.isdisjoint(incident.targets)


def _walk(walk: Walk) -> Json:
    recovery = walk.recovery
    return {
        "runbook": walk.runbook.id,
        "model": walk.model,
        "at": walk.at,
        "verdict": walk.verdict,
        "confidence": walk.confidence,
        "onset": walk.onset,
        "story": walk.story,
        "steps": [_asked(step) for step in walk.path],
        "recommended": [
            {"id": each.mitigation.id, "text": each.text, "why": each.why, "command": each.command}
            for each in walk.advice
        ],
        "recovery": _asked(recovery) if recovery is not None else None,
        "problems": list(walk.problems),
    }


def _asked(walked: WalkedStep) -> Json:
    return {
        "id": walked.step.id,
        "question": walked.step.question,
        "answer": walked.answer.value,
        "reason": walked.reason,
        "findings": plain(walked.findings),
        "overruled": plain(walked.overruled),
    }


def _plan(entry: Entry) -> Json:
    pairs = zip(entry.plan.steps, entry.steps, strict=True)
    return {
        "id": entry.id,
        "at": entry.at,
        "who": entry.who,
        "reason": entry.reason,
        "goal": entry.plan.goal,
        "result": entry.result.value,
        "message": entry.message,
        "steps": [
            {
                "title": step.title,
                "control": step.control,
                "subject": step.subject,
                "call": step.call,
                "outcome": run.outcome.value,
                "message": run.message,
                "since": run.since,
                "seconds": run.seconds,
            }
            for step, run in pairs
        ],
        "verdicts": plain(entry.verdicts),
        "measured": plain(entry.measured),
        "effects": plain(entry.effects),
        "undone": entry.undone,
        "continued": entry.continued,
        "handled": entry.handled,
    }
