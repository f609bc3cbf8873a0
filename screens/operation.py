"""What is being done now: a plan that runs, its effect that is measured, a release that is marked."""

from dataclasses import dataclass

from console.domain.plan import Plan
from console.domain.run import Outcome, Result, Run, StepRun
from console.domain.text import visible
from console.view import format as write
from console.view.run import RESULTS
from console.view.styled import Line, Span

_GOAL = 60
_EFFECT_S = 60.0
_FRESH_S = 120.0
_OVER = {Outcome.DONE, Outcome.FAILED, Outcome.CHANGED, Outcome.STILL_RUNNING, Outcome.SKIPPED}


@dataclass(slots=True)
class Operation:
    """A plan from its confirmation to the last figure of its effect; ``began`` and ``ended`` are monotonic seconds.

    ``run`` is the newest value that was reported. ``error`` is what kept it from running. ``seen`` tells that
    the operator has read the result.
    """

    plan: Plan
    run: Run
    began: float
    ended: float | None = None
    error: Exception | None = None
    measuring: bool = False
    seen: bool = False

    @property
    def running(self) -> bool:
        """Whether its steps are on their way."""
        return self.ended is None

    @property
    def undoable(self) -> bool:
        """Whether something was changed that can be changed back."""
        pairs = zip(self.plan.steps, self.run.steps, strict=True)
        touched = (Outcome.DONE, Outcome.STILL_RUNNING, Outcome.UNKNOWN)
        return not self.running and any(s.inverse and r.outcome in touched for s, r in pairs)

    def report(self, run: Run) -> None:
        """Take a newer value."""
        self.run = run


def begin(plan: Plan, mono: float) -> Operation:
    """An operation that has just been confirmed."""
    return Operation(plan, Run(plan.id, plan, tuple(StepRun() for _ in plan.steps)), mono)


@dataclass(slots=True)
class Marking:
    """A known-good release in the making: the share done (0-1) and what is being read, as last reported."""

    share: float = 0.0
    what: str = ""
    done: bool = False

    def report(self, share: float, what: str) -> None:
        """Take what was reported; it may come from another thread."""
        self.share, self.what = share, what


def status(operation: Operation | None, marking: Marking | None, mono: float, doing: str = "") -> Line:
    """One line for every page, empty when nothing is going on; ``doing`` is what goes on beside plans and releases."""
    if operation is not None and operation.running:
        return _running(operation, mono)
    if doing:
        return Span("▶ ", "accent"), Span(visible(doing, 100))
    if marking is not None and not marking.done:
        said = f"marking as known-good  {marking.share * 100:.0f} %  {visible(marking.what, 60)}"
        return Span("▶ ", "accent"), Span(said)
    if operation is not None and _fresh(operation, mono):
        word, role, _ = RESULTS[operation.run.result]
        return Span(f"{word}  ", role), Span(_goal(operation)), Span("  x", "key"), Span(" shows it", "dim")
    if operation is not None and operation.measuring and operation.ended is not None:
        left = max(_EFFECT_S - (mono - operation.ended), 0.0)
        said = f" measuring what it did: {_goal(operation)}  {write.duration(left)} left"
        return Span("◷", "accent"), Span(said, "dim")
    return ()


def _fresh(operation: Operation, mono: float) -> bool:
    """Whether its result waits to be read; a good one does not wait for ever."""
    if operation.seen or operation.ended is None or operation.error is not None:
        return False
    return operation.run.result is not Result.VERIFIED or mono - operation.ended < _FRESH_S


def _running(operation: Operation, mono: float) -> Line:
    over = sum(1 for step in operation.run.steps if step.outcome in _OVER)
    number = min(over + 1, len(operation.run.steps))
    took = write.duration(mono - operation.began)
    return (
        Span(f"▶ {number}/{len(operation.run.steps)}  ", "accent"),
        Span(_goal(operation)),
        Span(f"  {took}  ", "dim"),
        Span("x", "key"),
        Span(" shows it", "dim"),
    )


def _goal(operation: Operation) -> str:
    return visible(operation.plan.goal, _GOAL)
