"""The running of a plan: the outcome of each step, the result, and the measured effect."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from console.domain.plan import Plan
from console.domain.states import Json


class Outcome(StrEnum):
    """How one step stands; ``UNKNOWN`` is a step whose console died and whose state was not read back yet."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CHANGED = "changed under you"
    STILL_RUNNING = "still running"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """How a whole plan stands."""

    RUNNING = "running"
    VERIFIED = "verified"
    FAILED = "failed"
    REFUSED = "refused"
    CHANGED = "changed_under_you"
    HANDLED = "handled"


class StepRun(NamedTuple):
    """One step's run: ``since`` is when it began (epoch seconds), ``seconds`` how long it took; states as read."""

    outcome: Outcome = Outcome.WAITING
    seconds: float | None = None
    message: str = ""
    before: Json = None
    after: Json = None
    since: float | None = None


class Verdict(NamedTuple):
    """One check after a plan, or of ``verify``: ``passed`` is None where it cannot be known."""

    check: str
    subject: str
    passed: bool | None
    detail: str = ""


class Measured(NamedTuple):
    """The share (0-1) that was counted over ``requests`` in ``seconds``; None without requests."""

    asked: float
    share: float | None
    requests: int
    seconds: float


class Figures(NamedTuple):
    """A model's figures over a window; None is unknown. ``basis`` is that of the p99."""

    p99_ms: float | None = None
    basis: str = ""
    queue_ms: float | None = None
    error_ratio: float | None = None
    rate: float | None = None


class Effect(NamedTuple):
    """What a plan did to one model: its figures over the ``seconds`` before and after."""

    model: str
    seconds: float
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class Run:
    """A plan on its way or done; every change of it is a new value."""

    id: str
    plan: Plan
    steps: tuple[StepRun, ...]
    result: Result = Result.RUNNING
    message: str = ""
    verdicts: tuple[Verdict, ...] = ()
    measured: Measured | None = None
    effects: tuple[Effect, ...] = ()
