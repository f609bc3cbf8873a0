"""A gate as one object for scripts; what is not known is null."""

from dataclasses import asdict
from math import isfinite

from console.domain.gate import Check, Gate, Limits
from console.domain.states import Json
from console.view.status import moment


def gate_object(gate: Gate) -> dict[str, Json]:
    """The verdict and its checks; durations in ms, ratios 0-1, memory in bytes."""
    return {
        "model": gate.model,
        "baseline": gate.baseline.label,
        "candidate": gate.candidate.label,
        "at": moment(gate.at),
        "seconds": round(gate.seconds, 3),
        "verdict": gate.verdict.value,
        "checks": [_check(check) for check in gate.checks],
        "targets": {"baseline": list(gate.baseline.targets), "candidate": list(gate.candidate.targets)},
        "limits": _limits(gate.limits),
        "contract": {"limits": list(gate.terms.limits), "problems": list(gate.terms.problems)},
        "notes": list(gate.notes),
    }


def _check(check: Check) -> dict[str, Json]:
    return {
        "id": check.id,
        "verdict": check.outcome.value,
        "baseline": _finite(check.baseline),
        "candidate": _finite(check.candidate),
        "limit": _finite(check.limit),
        "unit": check.unit or None,
        "basis": check.basis or None,
        "n": check.n,
        "why": check.why,
        "needed": check.needed,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _limits(limits: Limits) -> dict[str, Json]:
    plain = asdict(limits)
    return {**plain, "required": sorted(limits.required), "skipped": sorted(limits.skipped)}
