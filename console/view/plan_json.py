"""Plans and their runs as JSON for scripts: stable keys, unknown is null."""

from dataclasses import fields

from console.domain.plan import Plan, Step
from console.domain.run import Effect, Measured, Result, Run, StepRun
from console.domain.states import Json
from console.view.run import pairs
from console.view.state_words import state_words

_OWN = ("kind", "reason", "who")


def plan_object(plan: Plan) -> dict[str, Json]:
    """A plan as ``--dry-run --json`` prints it; a ``refusal`` says why it cannot run."""
    return {
        "action": plan.action.kind.value,
        "asked": _asked(plan),
        "reason": plan.action.reason or None,
        "goal": plan.goal,
        "refusal": plan.refusal or None,
        "steps": [_step(step) for step in plan.steps],
        "blast_radius": {
            "models": list(plan.blast.models),
            "targets": list(plan.blast.targets),
            "dependents": list(plan.blast.dependents),
            "share": plan.blast.share,
        },
        "parts": [
            {"part": part.name.value, "standing": part.standing.value, "detail": part.detail}
            for part in plan.parts
        ],
        "warnings": list(plan.warnings),
        "unknown": list(plan.unknown),
    }


def run_object(run: Run) -> dict[str, Json]:
    """A run as ``--yes --json`` prints it: the plan, and what came of it."""
    return {
        **plan_object(run.plan),
        "id": run.id,
        "result": run.result.value,
        "message": run.message or None,
        "steps": [{**_step(step), **_outcome(each)} for step, each in pairs(run)],
        "checks": [
            {"check": each.check, "subject": each.subject, "passed": each.passed, "detail": each.detail}
            for each in run.verdicts
        ],
        "share": _share(run.measured),
        "effect": _effect(run.effects),
    }


def refused_object(plan: Plan) -> dict[str, Json]:
    """A plan that may not run, in the shape of a run of which nothing was done."""
    return run_object(Run(plan.id, plan, (), Result.REFUSED, plan.refusal))


def _asked(plan: Plan) -> dict[str, Json]:
    """What was asked for, as far as it was."""
    found: dict[str, Json] = {}
    for field in fields(plan.action):
        value = getattr(plan.action, field.name)
        if field.name not in _OWN and (value or value == 0) and value is not False:
            found[field.name] = dict(value) if field.name == "values" else value
    return found


def _step(step: Step) -> dict[str, Json]:
    return {
        "control": step.control,
        "subject": step.subject,
        "title": step.title,
        "call": step.call,
        "precondition": state_words(step.before),
        "before": step.before,
        "after": step.after,
        "effect": step.effect,
        "inverse": step.inverse.call if step.inverse else None,
        "final": step.final or None,
    }


def _outcome(run: StepRun) -> dict[str, Json]:
    """``was`` and ``is`` are the states that were read before and after the step."""
    return {
        "outcome": run.outcome.value,
        "seconds": run.seconds,
        "message": run.message or None,
        "was": run.before,
        "is": run.after,
    }


def _share(measured: Measured | None) -> Json:
    if measured is None:
        return None
    return {
        "asked": measured.asked,
        "counted": measured.share,
        "requests": measured.requests,
        "seconds": measured.seconds,
    }


def _effect(effects: tuple[Effect, ...]) -> Json:
    if not effects:
        return None
    models: list[Json] = [
        {
            "model": effect.model,
            "before": {**effect.before._asdict(), "basis": effect.before.basis or None},
            "after": {**effect.after._asdict(), "basis": effect.after.basis or None},
        }
        for effect in effects
    ]
    return {"seconds": effects[0].seconds, "models": models}
