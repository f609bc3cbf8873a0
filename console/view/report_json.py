"""The facts of a post-mortem as a JSON object: stable keys, unknown is null, times ISO 8601 UTC, ms, shares 0-1."""

import math
from typing import Any

from console.domain.contract import Contract
from console.domain.incident import Incident
from console.domain.marker import Marker
from console.domain.report import (
    AlertSpan,
    Answered,
    Done,
    Facts,
    GatewayImpact,
    Impact,
    Peak,
    Remains,
    Reset,
    Served,
    Stretch,
    Tape,
    Versions,
    Watched,
)
from console.view.journal_json import entry_object
from console.view.release import release_json
from console.view.report_words import timecode, within
from console.view.status import moment
from console.view.triage_json import walk_object

Json = dict[str, Any]


def facts_object(facts: Facts) -> Json:
    """All that the Markdown says, for scripts; texts are as they were, escaped by whoever prints them."""
    return {
        "fleet": facts.fleet.name,
        "window": _stretch(facts.window),
        "written": moment(facts.written),
        "console": facts.console or None,
        "incident": incident_object(facts.incident) if facts.incident else None,
        "recording": _tape(facts.tape) if facts.tape else None,
        "models": [_impact(each) for each in facts.impacts],
        "gateways": [_gateway(each) for each in facts.gateways],
        "alerts": [_alert(each) for each in facts.alerts],
        "timeline": [_marker(facts, each) for each in facts.markers],
        "triage": [_answer(facts, each) for each in facts.answers],
        "actions": [_done(each) for each in facts.done],
        "served": [_served(each) for each in facts.served],
        "targets": [_target(each) for each in facts.targets],
        "releases": [release_json(each) for each in facts.releases],
        "remains": _remains(facts.remains),
        "owners": [_owner(each) for each in facts.contracts.values() if each.whose],
        "missing": list(facts.missing),
    }


def _owner(contract: Contract) -> Json:
    said = contract.escalation
    return {
        "model": contract.model,
        "owner": contract.owner or None,
        "primary": said.primary or None,
        "secondary": said.secondary or None,
        "slack": said.channel or None,
        "url": said.url or None,
        "hours": said.hours or None,
    }


def incident_object(incident: Incident) -> Json:
    """An incident; ``closed`` is null while it is open."""
    return {
        "id": incident.id,
        "opened": moment(incident.opened),
        "by": incident.by,
        "why": incident.why or None,
        "plan": incident.plan or None,
        "closed": moment(incident.closed),
        "closed_by": incident.closed_by or None,
    }


def _stretch(stretch: Stretch) -> Json:
    return {
        "since": moment(stretch.since),
        "until": moment(stretch.until),
        "seconds": _number(stretch.seconds),
        "why": stretch.why or None,
    }


def _tape(tape: Tape) -> Json:
    return {
        "path": tape.path,
        "since": moment(tape.since),
        "until": moment(tape.until),
        "consoles": list(tape.consoles),
        "sessions": tape.sessions,
        "gaps": [_stretch(gap) for gap in tape.gaps],
        "problems": list(tape.problems),
        "pictures": tape.looks,
        "every_s": _number(tape.every_s),
    }


def _impact(each: Impact) -> Json:
    counted, aim = each.counted, each.objective
    return {
        "name": each.model,
        "versions": list(each.versions),
        "objective": {
            "latency_ms": aim.latency_ms,
            "quantile": aim.quantile,
            "availability": aim.availability,
            "period_days": aim.period_days,
        },
        "served": _number(counted.served) if counted else None,
        "failed": {reason: _number(n) for reason, n in counted.failed.items()} if counted else None,
        "slow": _number(counted.slow) if counted else None,
        "slow_basis": (counted.slow_basis or None) if counted else None,
        "resets": [_reset(each) for each in counted.resets] if counted else [],
        "budget": {
            "spent": _number(each.budget.spent),
            "peak_burn": _peak(each.budget.peak),
            "window": each.budget.window or None,
            "latency_included": each.budget.latency,
        },
        "p99_ms": _peak(each.p99),
        "promised_ms": _peak(each.percentile),
        "mean_ms": _peak(each.mean),
        "unknown_p99": each.unknown_p99 or None,
        "out_of_promise_s": {
            "all": _number(each.broken_s),
            "slow": _number(each.slow_s),
            "failing": _number(each.failing_s),
            "down": _number(each.down_s),
            "of": _number(each.judged_s),
        },
        "first": moment(each.first),
        "last": moment(each.last),
        "within_at_end": each.within,
        "caveats": list(each.caveats),
    }


def _reset(each: Reset) -> Json:
    return {"version": each.version, "target": each.target, "at": moment(each.at)}


def _peak(peak: Peak | None) -> Json | None:
    if peak is None:
        return None
    return {
        "value": _number(peak.value),
        "at": moment(peak.at),
        "subject": peak.subject or None,
        "basis": peak.basis or None,
    }


def _gateway(each: GatewayImpact) -> Json:
    return {
        "name": each.name,
        "kind": each.kind,
        "models": list(each.models),
        "edge": each.edge,
        "requests": _number(each.requests),
        "refused": _number(each.refused),
        "failed": _number(each.failed),
        "retries": _number(each.retries),
        "timeouts": _number(each.timeouts),
        "resets": each.resets,
    }


def _alert(each: AlertSpan) -> Json:
    return {
        "id": each.id,
        "subject": each.subject,
        "model": each.model or None,
        "target": each.target or None,
        "message": each.message,
        "evidence": each.evidence or None,
        "since": moment(each.since),
        "page_from": moment(each.paged),
        "until": moment(each.until),
        "note": each.note or None,
    }


def _marker(facts: Facts, marker: Marker) -> Json:
    return {
        "at": moment(marker.at),
        "timecode": timecode(facts, marker.at) if within(facts, marker.at) else None,
        "kind": marker.kind.value,
        "subject": marker.subject,
        "target": marker.target or None,
        "detail": marker.detail,
    }


def _answer(facts: Facts, each: Answered) -> Json:
    told = {"recorded": each.recorded, "again": each.again, "last": moment(each.last)}
    return {**walk_object(each.walk, facts.fleet), **told}


def _done(done: Done) -> Json:
    return {**entry_object(done.entry), "reason": done.entry.reason or None, "ended": moment(done.ended)}


def _served(each: Served) -> Json:
    return {"model": each.model, "before": _versions(each.before), "after": _versions(each.after)}


def _versions(versions: Versions | None) -> Json | None:
    return None if versions is None else {"ready": dict(versions.ready), "config": dict(versions.config)}


def _target(each: Watched) -> Json:
    return {
        "name": each.name,
        "url": each.url,
        "up": each.up,
        "version": each.server or None,
        "control_mode": each.mode or None,
    }


def _remains(remains: Remains) -> Json:
    lock = remains.lock
    held = lock is not None and remains.at is not None and not lock.expired(remains.at)
    return {
        "at": moment(remains.at),
        "frozen": {"who": lock.who, "why": lock.why, "since": moment(lock.since), "until": moment(lock.until)}
        if lock is not None and held
        else None,
        "drifts": [{"plan": each.plan, "said": each.sentence} for each in remains.drifts],
    }


def _number(value: float | None) -> float | None:
    """JSON has no infinity and no NaN: they are unknown."""
    return round(float(value), 6) if value is not None and math.isfinite(value) else None
