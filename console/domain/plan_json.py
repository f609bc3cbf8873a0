"""Plans and what came of them as JSON and back: for the journal and the deploy lock, not for people."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from console.domain.action import Action, ActionKind
from console.domain.plan import Blast, Check, Part, PartName, Phase, Plan, ShareGoal, Standing, Step
from console.domain.run import Effect, Figures, Measured, StepRun, Verdict
from console.domain.states import Json

_TEXTS = tuple(each.name for each in fields(Action) if each.default == "")


def step_json(step: Step) -> dict[str, Json]:
    """A step, its inverse included."""
    raw: dict[str, Json] = {field.name: getattr(step, field.name) for field in fields(step)}
    return {**raw, "phase": int(step.phase), "inverse": step_json(step.inverse) if step.inverse else None}


def read_step(raw: Any) -> Step:
    """A step from its JSON; raises ValueError, KeyError or TypeError for anything else."""
    inverse = raw["inverse"]
    return Step(
        control=str(raw["control"]),
        subject=str(raw["subject"]),
        title=str(raw["title"]),
        call=str(raw["call"]),
        before=raw["before"],
        after=raw["after"],
        effect=str(raw["effect"]),
        change=_table(raw["change"]),
        inverse=read_step(inverse) if inverse is not None else None,
        final=str(raw["final"]),
        phase=Phase(raw["phase"]),
        timeout_s=float(raw["timeout_s"]),
    )


def plan_json(plan: Plan) -> dict[str, Json]:
    """A whole plan."""
    action = {field.name: getattr(plan.action, field.name) for field in fields(plan.action)}
    return {
        "action": {**action, "values": dict(plan.action.values)},
        "goal": plan.goal,
        "id": plan.id,
        "steps": [step_json(step) for step in plan.steps],
        "blast": plan.blast._asdict(),
        "warnings": plan.warnings,
        "unknown": plan.unknown,
        "parts": [part._asdict() for part in plan.parts],
        "checks": [check._asdict() for check in plan.checks],
        "share": plan.share._asdict() if plan.share else None,
        "refusal": plan.refusal,
    }


def read_plan(raw: Any) -> Plan:
    """A plan from its JSON; raises ValueError, KeyError or TypeError for anything else."""
    action = dict(raw["action"])
    if not all(isinstance(action.get(name, ""), str) for name in _TEXTS):
        raise ValueError("a text of its action is none")
    blast = raw["blast"]
    share = raw["share"]
    return Plan(
        action=Action(
            **{**action, "kind": ActionKind(action["kind"]), "targets": tuple(action["targets"])},
        ),
        goal=str(raw["goal"]),
        id=str(raw["id"]),
        steps=tuple(read_step(step) for step in raw["steps"]),
        blast=Blast(
            tuple(blast["models"]), tuple(blast["targets"]), tuple(blast["dependents"]), blast["share"]
        ),
        warnings=tuple(raw["warnings"]),
        unknown=tuple(raw["unknown"]),
        parts=tuple(Part(PartName(p["name"]), Standing(p["standing"]), p["detail"]) for p in raw["parts"]),
        checks=tuple(Check(**check) for check in raw["checks"]),
        share=ShareGoal(**share) if share else None,
        refusal=str(raw["refusal"]),
    )


def step_run_json(number: int, run: StepRun) -> dict[str, Json]:
    """What became of the step with this number in its plan."""
    return {"step": number, **run._asdict(), "outcome": run.outcome.value}


def read_verdicts(raw: Any) -> tuple[Verdict, ...]:
    """Verdicts from a list of objects; empty for None."""
    return tuple(Verdict(**each) for each in raw or ())


def read_measured(raw: Any) -> Measured | None:
    """A measured share from an object."""
    return Measured(**raw) if raw else None


def effect_json(effect: Effect) -> dict[str, Json]:
    """One measured effect."""
    return {**effect._asdict(), "before": effect.before._asdict(), "after": effect.after._asdict()}


def read_effects(raw: Any) -> tuple[Effect, ...]:
    """Effects from a list of objects; empty for None."""
    return tuple(
        Effect(each["model"], each["seconds"], Figures(**each["before"]), Figures(**each["after"]))
        for each in raw or ()
    )


def _table(raw: Any) -> Mapping[str, Json]:
    if not isinstance(raw, Mapping):
        raise ValueError("not an object")  # noqa: TRY004 - one error type for every odd value
    return raw
