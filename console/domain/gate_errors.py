"""Whether a candidate fails more requests than its baseline, and not by chance."""

from math import sqrt
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.gate import ERRORS, Check, Limits, Outcome

# One-sided 95 %.
_Z = 1.645
# One odd request, sent again, is no verdict on a version.
_LEAST_FAILED = 3


class Counted(NamedTuple):
    """Requests and those of them that failed, None where nothing counted."""

    requests: float | None
    failed: float | None

    @property
    def ratio(self) -> float | None:
        """The share that failed, None without requests."""
        return (self.failed or 0.0) / self.requests if self.requests else None


def errors(
    counters: tuple[Counted, ...], sent: tuple[Counted, ...] | None, limits: Limits, lacking: str
) -> Check:
    """The check of the share of failed requests, by the counters or by what the gate itself sent.

    Triton counts some failures as successes, and some not at all: what the gate was answered counts beside the counters.
    ``lacking`` says why the counters are not enough, empty where they are.
    """
    mine = _judged(sent, limits, Basis.PROBE) if sent is not None else None
    if mine is not None and mine.outcome is Outcome.FAIL:
        return mine
    if not lacking:
        return _judged(counters, limits, Basis.COUNTER)
    if mine is not None and mine.outcome is not Outcome.UNKNOWN:
        return mine
    baseline, candidate = (each.ratio for each in counters)
    n = round(min(each.requests or 0.0 for each in counters))
    return Check(ERRORS, Outcome.UNKNOWN, lacking, baseline, candidate, unit="ratio", n=n)


def excess(baseline: Counted, candidate: Counted) -> float:
    """The least by which the candidate's share is higher, as far as chance allows: the bound by Newcombe's method.

    Both have requests.
    """
    low, _ = _wilson(candidate)
    _, high = _wilson(baseline)
    before, now = baseline.ratio or 0.0, candidate.ratio or 0.0
    return now - before - sqrt((now - low) ** 2 + (high - before) ** 2)


def _wilson(counted: Counted) -> tuple[float, float]:
    n, p = counted.requests or 1.0, min(counted.ratio or 0.0, 1.0)
    middle = p + _Z**2 / (2 * n)
    wide = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    whole = 1 + _Z**2 / n
    return (middle - wide) / whole, (middle + wide) / whole


def _judged(pair: tuple[Counted, ...], limits: Limits, basis: Basis) -> Check:
    baseline, candidate = pair
    before, now = baseline.ratio, candidate.ratio
    n = round(min(each.requests or 0.0 for each in pair))
    check = Check(ERRORS, Outcome.UNKNOWN, "", before, now, None, "ratio", basis.value, n)
    if before is None or now is None or n < limits.min_requests:
        return check._replace(why=f"{n} requests, {limits.min_requests} are needed")
    said = f"{_of(candidate)} failed, of the baseline's {_of(baseline)}"
    limit = before + limits.errors_over
    check = check._replace(limit=limit)
    if now <= limit:
        return check._replace(outcome=Outcome.PASS, why=said)
    if (candidate.failed or 0.0) >= _LEAST_FAILED and excess(baseline, candidate) > limits.errors_over:
        return check._replace(outcome=Outcome.FAIL, why=f"{said}: more than chance explains")
    return check._replace(outcome=Outcome.PASS, why=f"{said}: no more than chance explains")


def _of(counted: Counted) -> str:
    return f"{counted.failed or 0.0:,.0f} of {counted.requests or 0.0:,.0f}"
