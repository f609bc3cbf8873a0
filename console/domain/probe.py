"""What a synthetic inference found."""

from enum import StrEnum
from typing import NamedTuple


class ProbeOutcome(StrEnum):
    """How a synthetic inference ended."""

    OK = "ok"
    WRONG = "wrong answer"
    ERROR = "error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    NOT_SERVED = "not served here"


class ProbeReading(NamedTuple):
    """One synthetic inference: ``version`` is the one that answered, ``detail`` the first difference or error text."""

    model: str
    version: str
    outcome: ProbeOutcome
    took_ms: float
    detail: str = ""


class ProbeSummary(NamedTuple):
    """The probes of one model on one target: newest outcome, and exact percentiles over ``n`` good samples.

    ``p99_ms`` is None under n = 100. ``since`` is when the outcome last changed (epoch seconds).
    """

    target: str
    outcome: ProbeOutcome
    detail: str
    at: float
    since: float
    n: int
    p50_ms: float | None
    p99_ms: float | None

    @property
    def failing(self) -> bool:
        """Whether the model is at fault: a target that cannot be reached says nothing about it."""
        return self.outcome in {ProbeOutcome.WRONG, ProbeOutcome.ERROR, ProbeOutcome.TIMEOUT}
