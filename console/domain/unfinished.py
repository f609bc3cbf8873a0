"""Plans that were cut short stand in the way of new ones that touch the same things."""

from collections.abc import Iterable

from console.domain.journal import Entry
from console.domain.plan import Plan
from console.domain.run import Outcome

_UNTOUCHED = {Outcome.WAITING, Outcome.SKIPPED}


def in_the_way(plan: Plan, unfinished: Iterable[Entry]) -> Entry | None:
    """The first unfinished plan that began to change something which this plan changes, unless it follows it."""
    mine = {(step.control, step.subject) for step in plan.steps}
    followed = plan.action.plan.split()
    for entry in unfinished:
        begun = any(run.outcome not in _UNTOUCHED for run in entry.steps)
        theirs = {(step.control, step.subject) for step in entry.plan.steps}
        if begun and entry.id not in followed and mine & theirs:
            return entry
    return None
