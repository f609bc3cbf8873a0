"""A walked runbook as the JSON object of ``triage --json``: stable keys, unknown is null, times ISO 8601 UTC."""

import math
from typing import Any

from console.domain.fleet import Fleet
from console.domain.triage import Advice, Evidence, Finding, Library, Runbook, Settled, Walk, WalkedStep
from console.view.status import moment
from console.view.triage import advice_command
from console.view.triage_evidence import both_bases
from console.view.triage_library import ranked

Json = dict[str, Any]


def walk_object(walk: Walk, fleet: Fleet) -> Json:
    """The walk for scripts; texts are the server's own, escaped by whoever prints them."""
    return {
        "runbook": walk.runbook.id,
        "model": walk.model,
        "at": moment(walk.at),
        "verdict": walk.verdict,
        "confidence": _number(walk.confidence),
        "onset": moment(walk.onset),
        "story": walk.story or None,
        "steps": [_step(each) for each in walk.path],
        "points": [_point(each) for each in walk.points],
        "recommended": [_advice(each, fleet) for each in walk.advice],
        "recovery": _step(walk.recovery) if walk.recovery else None,
        "problems": list(walk.problems),
    }


def library_object(library: Library) -> Json:
    """The runbooks for scripts, and what is wrong with those that cannot be read."""
    return {
        "runbooks": [_runbook(each) for each in ranked(library)],
        "problems": list(library.problems),
    }


def _runbook(book: Runbook) -> Json:
    return {
        "id": book.id,
        "title": book.title,
        "about": book.about or None,
        "alerts": list(book.alerts),
        "origin": book.origin or None,
    }


def _step(walked: WalkedStep) -> Json:
    return {
        "id": walked.step.id,
        "question": walked.step.question,
        "answer": walked.answer.value,
        "reason": walked.reason or None,
        "confidence": _confidence(walked),
        "overruled": _overruled(walked),
        "findings": [_finding(each) for each in walked.findings],
        "evidence": [_evidence(each) for found in walked.findings for each in found.evidence],
    }


def _confidence(walked: WalkedStep) -> float | None:
    """That of the surest finding that gives this answer, 1 for an engineer's word."""
    if walked.overruled is not None:
        return 1.0
    sure = [found.confidence for found in walked.findings if found.answer is walked.answer]
    return _number(max(sure, default=None))


def _overruled(walked: WalkedStep) -> Json | None:
    over = walked.overruled
    if over is None:
        return None
    return {"found": walked.found.value, "note": over.note or None, "who": over.who, "at": moment(over.at)}


def _finding(found: Finding) -> Json:
    return {
        "check": found.check,
        "answer": found.answer.value,
        "reason": found.reason,
        "verdict": found.verdict or None,
        "confidence": _number(found.confidence),
        "model": found.model or None,
        "version": found.version or None,
        "target": found.target or None,
        "at": moment(found.at),
    }


def _evidence(each: Evidence) -> Json:
    """``verdict`` is what this figure says to the step's question; ``now`` and ``baseline`` are in ``unit``."""
    basis, about = both_bases(each)
    return {
        "check": each.check,
        "what": each.what,
        "subject": each.subject or None,
        "now": _number(each.now),
        "baseline": _number(each.baseline),
        "difference": _number(each.difference),
        "unit": each.unit or None,
        "basis": basis or None,
        "baseline_basis": about or None,
        "source": each.source or None,
        "age_s": _number(each.age_s),
        "verdict": each.answer.value,
        "query": each.query or None,
        "hint": each.hint or None,
        "at": moment(each.at),
    }


def _point(settled: Settled) -> Json:
    return {
        "id": settled.point.id,
        "text": settled.point.text,
        "answer": settled.answer.value,
        "reason": settled.reason or None,
    }


def _advice(advice: Advice, fleet: Fleet) -> Json:
    """``action`` is null for what people do by hand; ``id`` is the runbook's name for it."""
    return {
        "id": advice.mitigation.id,
        "action": advice.action.kind.value if advice.action else None,
        "text": advice.text,
        "why": advice.why or None,
        "command": advice_command(advice, fleet) or None,
    }


def _number(value: float | None) -> float | None:
    """JSON has no infinity and no NaN: they are unknown."""
    return round(float(value), 6) if value is not None and math.isfinite(value) else None
