"""A gate between two versions: the sides it compares, what it lets pass, its checks and its verdict."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from console.domain.contract import Contract
from console.domain.fleet import ModelVersion

P99, MEAN, QUEUE, ERRORS, GPU_MEMORY, CORRECTNESS = CHECKS = (
    "p99",
    "mean",
    "queue",
    "errors",
    "gpu_memory",
    "correctness",
)
"""What is checked; ``mean`` only where no p99 can be had."""

# Nobody tells of GPU memory by version, so that a gate which needs it by itself would never pass.
_NOT_NEEDED = frozenset((GPU_MEMORY,))
_NAMED = 3


class Outcome(StrEnum):
    """What one check found."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class GateVerdict(StrEnum):
    """What the gate says to a pipeline."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared: a version, and the targets it is looked at on.

    ``whole`` where these are all targets that serve the version.
    """

    version: str
    targets: tuple[str, ...]
    whole: bool = True

    @property
    def label(self) -> str:
        """``7``, or ``7@canary`` where it is not looked at everywhere."""
        if self.whole:
            return self.version
        few = ",".join(self.targets) if len(self.targets) <= _NAMED else f"{len(self.targets)} targets"
        return f"{self.version}@{few}"

    def key(self, model: str) -> ModelVersion:
        """The version as the history knows it."""
        return ModelVersion(model, self.version)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gate lets pass.

    Ratios are the candidate's figure over the baseline's; less than ``floor_ms`` (``floor_bytes``) more never fails.
    ``errors_over`` is what the share of failed requests may be higher by. Numbers of an output may differ by
    ``tolerance`` + ``rtol`` × the baseline's. ``required`` are checks that must be known, ``skipped`` are left out.
    """

    p99_ratio: float = 1.10
    queue_ratio: float = 1.50
    gpu_memory_ratio: float = 1.10
    errors_over: float = 0.001
    floor_ms: float = 2.0
    floor_bytes: float = 256.0 * 2**20
    tolerance: float = 1e-5
    rtol: float = 1e-3
    min_requests: int = 100
    allow_mean: bool = False
    required: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a model's contract says of its gate: the names of the limits that it sets, and what of it is not understood."""

    limits: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def contracted(limits: Limits, contract: Contract | None, but: Collection[str] = ()) -> tuple[Limits, Terms]:
    """The limits with those that a model's contract sets, ``but`` for the ones (by name) that somebody set by hand."""
    if contract is None:
        return limits, Terms()
    terms = contract.rollout.gate._asdict()
    found = {name: value for name, value in terms.items() if value is not None and name not in but}
    if "min_requests" in found:
        found["min_requests"] = round(found["min_requests"])
    return replace(limits, **found), Terms(tuple(found), contract.problems)


class Check(NamedTuple):
    """One check: the two figures in ``unit``, the limit in the same, and how they are known.

    ``n`` is the smaller of the two numbers of requests (or inputs) behind them. ``why`` explains the outcome, and
    what to do where that is unknown. A check that is ``needed`` and unknown keeps the gate from passing.
    """

    id: str
    outcome: Outcome
    why: str
    baseline: float | None = None
    candidate: float | None = None
    limit: float | None = None
    unit: str = ""
    basis: str = ""
    n: int | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate found over ``seconds`` up to ``at`` (epoch seconds); ``notes`` say what else is to be known of it.

    ``terms`` tell which of the limits are the contract's.
    """

    model: str
    baseline: Side
    candidate: Side
    limits: Limits
    at: float
    seconds: float
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()
    terms: Terms = Terms()

    @property
    def verdict(self) -> GateVerdict:
        """Fail where any check fails, else pass where every needed one is known."""
        return verdict(self.checks)


def needed(check: str, limits: Limits) -> bool:
    """Whether a check must be known for the gate to pass."""
    return check in limits.required or check not in _NOT_NEEDED


def verdict(checks: Iterable[Check]) -> GateVerdict:
    """Fail where any check fails; where none does, one that is needed and unknown leaves too little to judge."""
    found = tuple(checks)
    if any(check.outcome is Outcome.FAIL for check in found):
        return GateVerdict.FAIL
    known = any(check.outcome is Outcome.PASS for check in found)
    missing = any(check.needed and check.outcome is Outcome.UNKNOWN for check in found)
    return GateVerdict.PASS if known and not missing else GateVerdict.NOT_ENOUGH_DATA
