"""What an action is for, in one line."""

from console.domain.action import Action, ActionKind
from console.domain.situation import Situation
from console.domain.text import visible

_GOALS = {
    ActionKind.FREEZE: "freeze deploys",
    ActionKind.UNFREEZE: "lift the freeze, and restore what it found",
    ActionKind.REDUCE: "reduce {model} to {percent:g} % of its route's traffic",
    ActionKind.RESTORE: "give {model} its traffic back",
    ActionKind.ROLLBACK: "roll {model} back to {where}",
    ActionKind.LOAD: "load {model}",
    ActionKind.UNLOAD: "unload {model}",
    ActionKind.TUNE: "change {model}: {values}",
    ActionKind.UNDO: "undo {plan}",
    ActionKind.CONTINUE: "go on with {plan}",
}


def goal_of(action: Action, situation: Situation) -> str:
    """The goal in words; names are made harmless."""
    return _GOALS[action.kind].format(
        model=visible(action.model, 80) or "every model",
        percent=action.percent or 0.0,
        where=_where(action, situation),
        values=", ".join(f"{key} = {value}" for key, value in action.values.items()),
        plan=action.plan,
    )


def _where(action: Action, situation: Situation) -> str:
    if action.version:
        return f"version {visible(action.version, 20)}"
    if situation.release is not None:
        return f"known-good release {situation.release.id}"
    return "the version that served before"
