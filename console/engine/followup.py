"""Plans made from the journal: undo, restore, continue."""

from collections.abc import Sequence
from dataclasses import replace

from console.domain.action import Action, ActionKind
from console.domain.journal import Entry
from console.domain.plan import Blast, Check, Plan, inverted
from console.domain.run import Outcome
from console.domain.situation import Situation
from console.engine._goal import goal_of

_TO_DO = {Outcome.WAITING, Outcome.SKIPPED, Outcome.FAILED}


def undo_plan(action: Action, situation: Situation, entries: Sequence[Entry]) -> Plan:
    """The inverse of every step that these plans (oldest first) took, the last first, as a plan of its own."""
    newest_first = list(reversed(entries))
    touched = [step for entry in newest_first for step, _ in reversed(entry.touched)]
    steps = tuple(inverse for inverse in map(inverted, touched) if inverse is not None)
    final = [f"cannot be undone: {step.title} ({step.final})" for step in touched if step.final]
    goals = "; ".join(entry.plan.goal for entry in newest_first)
    goal = f"undo: {goals}" if action.kind is ActionKind.UNDO else goal_of(action, situation)
    return Plan(
        action=replace(action, plan=" ".join(entry.id for entry in newest_first)),
        goal=goal,
        id=situation.plan,
        steps=steps,
        blast=newest_first[0].plan.blast if newest_first else Blast(),
        warnings=tuple(final) if steps else (),
        checks=tuple(dict.fromkeys(_any_version(c) for entry in newest_first for c in entry.plan.checks)),
        refusal="" if steps or _closes(newest_first) else "; ".join(final) or _nothing(action, newest_first),
    )


def continue_plan(action: Action, situation: Situation, entry: Entry) -> Plan:
    """What a plan had still to do, as it was planned."""
    pairs = zip(entry.plan.steps, entry.steps, strict=True)
    return replace(
        entry.plan,
        action=replace(action, plan=entry.id, model=entry.plan.action.model),
        goal=f"go on: {entry.plan.goal}",
        id=situation.plan,
        steps=tuple(step for step, run in pairs if run.outcome in _TO_DO),
        refusal="",
    )


def _closes(entries: Sequence[Entry]) -> bool:
    """Whether an undo says at least what became of a plan that stopped before it changed anything."""
    return any(entry.unfinished and not entry.touched for entry in entries)


def _any_version(check: Check) -> Check:
    """After an undo the version is again the one before, which the check does not name."""
    return check._replace(version="")


def _nothing(action: Action, entries: Sequence[Entry]) -> str:
    if entries:
        return f"{entries[0].id} changed nothing, so there is nothing to undo"
    if action.kind is ActionKind.RESTORE:
        return f"no reduction of {action.model or 'any model'} stands in the journal"
    return "there is nothing to undo"
