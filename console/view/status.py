"""A snapshot as the JSON object of ``status --json``."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from console.domain.basis import Basis, Missing
from console.domain.failure import Failure
from console.domain.gpu import GpuRow
from console.domain.lies import percentile_hint
from console.domain.marker import Marker
from console.domain.probe import ProbeSummary
from console.domain.rows import Alert, ModelRow, Slo, TargetRow, Warn
from console.domain.snapshot import Snapshot
from console.domain.text import whole
from console.view.fleet_json import imbalance_json, placement_json
from console.view.fleet_rows import around_of

Json = dict[str, Any]

LONGEST = 100_000
"""Characters of one text; names stay whole well beyond what Triton accepts."""

# What the server offers, whether or not there was traffic to measure.
_BASES: dict[Missing | None, Basis] = {Missing.IDLE: Basis.SUMMARY, Missing.UNSUPPORTED: Basis.MEAN}

_LAST_MOMENT = 253_402_300_799.0


def status(snapshot: Snapshot) -> Json:
    """The picture as plain values: unknown is None, times ISO 8601 UTC, durations ms, ratios 0-1.

    Texts are the server's own, cut at LONGEST: whoever prints them must escape control characters.
    """
    around = around_of(snapshot)
    return {
        "at": moment(snapshot.at),
        "fleet": snapshot.fleet.name,
        "frozen": _frozen(snapshot),
        "frozen_error": _text(snapshot.lock_unknown) or None,
        "targets": [{**_target(row), "placement": placement_json(row, around)} for row in snapshot.targets],
        "models": [
            {**_model(row, _owner(snapshot, row)), "imbalance": imbalance_json(snapshot, row.key)}
            for row in snapshot.models
        ],
        "gpus": [_gpu(row) for row in snapshot.gpus],
        "alerts": [_alert(alert) for alert in snapshot.alerts],
        "markers": [_marker(marker) for marker in snapshot.markers],
        "notes": [_text(note) for note in snapshot.notes],
    }


def _frozen(snapshot: Snapshot) -> Json | None:
    """The deploy lock that is in force; one that has expired stops nobody."""
    lock = snapshot.frozen
    if lock is None or lock.expired(snapshot.at):
        return None
    return {
        "who": _text(lock.who),
        "why": _text(lock.why),
        "since": moment(lock.since),
        "until": moment(lock.until),
        "scope": _text(lock.scope),
        "plan": _text(lock.plan),
    }


def moment(at: float | None) -> str | None:
    """Epoch seconds as ISO 8601 UTC in ms, None for what is no moment."""
    if at is None or not 0 <= at <= _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _target(row: TargetRow) -> Json:
    return {
        "name": _text(row.name),
        "url": _text(row.url),
        "up": row.up,
        "live": row.live,
        "ready": row.ready,
        "version": _text(row.server.version) if row.server else None,
        "control_mode": row.mode.value,
        "control_mode_note": _text(row.mode_note),
        "error": _text(row.error) if row.error is not None else None,
        "hint": _text(row.failures[0].hint) if row.failures else None,
        "failures": [_failure(failure) for failure in row.failures],
        "host": {
            "cpu_utilization": _number(row.host.cpu_utilization),
            "memory_used_bytes": _count(row.host.memory_used_bytes),
            "memory_total_bytes": _count(row.host.memory_total_bytes),
        },
        "poll_ms": _number(row.poll_ms),
        "age_s": _number(row.age_s),
        "stale": row.stale,
        "broken_lines": row.broken_lines,
        "warnings": [_warning(warn) for warn in row.warnings],
    }


def _failure(failure: Failure) -> Json:
    return {
        "kind": failure.kind.value,
        "part": failure.part,
        "message": _text(failure.message),
        "hint": _text(failure.hint),
    }


def _owner(snapshot: Snapshot, row: ModelRow) -> str | None:
    """Whose the model is by its contract."""
    held = snapshot.contracts.get(row.key.model)
    return (_text(held.contract.owner) or None) if held is not None else None


def _model(row: ModelRow, owner: str | None) -> Json:
    return {
        "name": _text(row.key.model),
        "version": _text(row.key.version),
        "owner": owner,
        "targets": [_text(name) for name in row.targets],
        "ready_targets": None if row.scraped else row.ready,
        "state": row.state.value,
        "reason": _text(row.reason),
        "window_s": _number(row.window_s),
        "rate": _number(row.rate),
        "error_ratio": _number(row.error_ratio),
        "errors": None if row.rate is None else {_text(r): round(n) for r, n in row.errors.items()},
        "latency_ms": _latency(row),
        "queue_ms": _number(row.queue_ms),
        "compute_ms": {
            "input": _number(row.input_ms),
            "infer": _number(row.infer_ms),
            "output": _number(row.output_ms),
        },
        "executions": _number(row.executions),
        "batch": {
            "mean": _number(row.batch),
            "sizes": None if row.rate is None or row.scraped else _sizes(row.batches),
        },
        "pending": _count(row.pending),
        "cache_hit_ratio": _number(row.hit_ratio),
        "load_s": _number(row.load_s),
        "slo": _slo(row.slo),
        "probes": [_probe(probe) for probe in row.probes],
        "warnings": [_warning(warn) for warn in row.warnings],
        "source": _text(row.source),
        "missing": row.missing.value if row.missing else None,
        "age_s": _number(row.age_s),
        "stale": row.stale,
    }


def _latency(row: ModelRow) -> Json:
    known = row.percentiles
    basis = known.basis if known else _BASES.get(row.latency_missing)
    return {
        "mean": _number(row.mean_ms),
        "p50": _number(known.p50) if known else None,
        "p90": _number(known.p90) if known else None,
        "p95": _number(known.p95) if known else None,
        "p99": _number(known.p99) if known else None,
        "basis": basis.value if basis else None,
        "target": _text(known.target) if known and known.target else None,
        "median_target_p99": _number(known.median_p99) if known else None,
        "p99_bounds": [_number(bound) for bound in known.bounds] if known and known.bounds else None,
        "missing": row.latency_missing.value if row.latency_missing else None,
        "hint": percentile_hint(row),
    }


def _slo(slo: Slo) -> Json:
    promise = slo.objective
    return {
        "objective": {
            "quantile": promise.quantile,
            "latency_ms": promise.latency_ms,
            "availability": promise.availability,
            "period_days": promise.period_days,
        },
        "threshold_ms": promise.latency_ms,
        "ratio": _number(slo.ratio),
        "burn": {window: _number(rate) for window, rate in slo.burn.items()},
        "observed_s": _number(slo.observed_s),
        "budget_spent": _number(slo.spent),
        "budget_left": _number(slo.budget_left),
    }


def _probe(probe: ProbeSummary) -> Json:
    return {
        "target": _text(probe.target),
        "outcome": probe.outcome.value,
        "detail": _text(probe.detail),
        "at": moment(probe.at),
        "since": moment(probe.since),
        "n": probe.n,
        "p50_ms": _number(probe.p50_ms),
        "p99_ms": _number(probe.p99_ms),
    }


def _gpu(row: GpuRow) -> Json:
    gpu = row.gpu
    return {
        "uuid": _text(gpu.uuid),
        "index": whole(gpu.number),
        "name": _text(gpu.name),
        "node": _text(gpu.node),
        "pod": _text(gpu.pod),
        "mig": _text(gpu.mig),
        "utilization": _number(gpu.utilization),
        "sm_active": _number(gpu.sm_active),
        "memory_used_bytes": _count(gpu.memory_used_bytes),
        "memory_total_bytes": _count(gpu.memory_total_bytes),
        "memory_free_bytes": _count(gpu.memory_free_bytes),
        "power_w": _number(gpu.power_w),
        "temperature_c": _number(gpu.temperature_c),
        "source": row.source,
        "age_s": _number(row.age_s),
        "stale": row.stale,
        "notes": [_text(note) for note in row.notes],
    }


def _alert(alert: Alert) -> Json:
    return {
        "id": alert.id,
        "severity": alert.severity,
        "subject": _text(alert.subject),
        "since": moment(alert.since),
        "message": _text(alert.message),
        "evidence": _text(alert.evidence),
        "state": alert.state.value,
        "model": _text(alert.model) or None,
        "target": _text(alert.target) or None,
        "note": _text(alert.note) or None,
    }


def _marker(marker: Marker) -> Json:
    return {
        "at": moment(marker.at),
        "kind": marker.kind.value,
        "subject": _text(marker.subject),
        "detail": _text(marker.detail),
        "target": _text(marker.target),
    }


def _warning(warn: Warn) -> Json:
    return {"id": warn.id, "text": _text(warn.text), "hint": _text(warn.hint), "note": warn.note}


def _sizes(batches: Mapping[int, int]) -> dict[str, int]:
    return {str(size): batches[size] for size in sorted(batches)}


def _number(value: float | None) -> float | None:
    """JSON has no infinity and no NaN: they are unknown; six places are finer than any source."""
    return round(float(value), 6) if value is not None and math.isfinite(value) else None


def _count(value: float | None) -> float | None:
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else number


def _text(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
