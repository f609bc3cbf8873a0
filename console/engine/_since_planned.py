"""Servers that came or went between a plan and its run, or since a plan that is to be undone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from console.domain.fleet import Target
from console.domain.plan import Plan, Step
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from console.domain.text import visible

_NAMED = 3
_AGAIN = "since this plan was made: make it anew"


def outdated(plan: Plan, planned: Collection[Target], seen: Snapshot) -> str:
    """Why a plan for servers is not for those of now; empty where it is, or is for none.

    ``planned`` are the targets that there were when it was made. One that has come since counts where it serves the model,
    or has not said what it serves.
    """
    concerned = {name for step in plan.steps for name, _ in _servers(step)}
    if not concerned:
        return ""
    now = {target.name: target for target in seen.fleet.targets}
    gone = [each.name for each in planned if each.name in concerned and now.get(each.name) != each]
    if gone:
        return f"{_listed(gone)} went away or was replaced {_AGAIN}"
    if plan.action.targets or plan.action.plan:
        return ""
    new = [name for name, target in now.items() if target not in planned]
    come = [name for name in new if _counts(name, plan.action.model, seen)]
    return f"{_listed(come)} came {_AGAIN}" if come else ""


def for_those_left(plan: Plan, targets: Collection[Target]) -> Plan:
    """The plan without what it would do on servers that are gone: what was changed in them went with them."""
    left = {target.name: target.url for target in targets}
    gone = dict.fromkeys(
        name
        for step in plan.steps
        for name, url in _servers(step)
        if name not in left or url not in {"", left[name]}
    )
    if not gone:
        return plan
    said = f"{_listed(list(gone))} went away since, and what was changed there with it: nothing is done there"
    return replace(
        plan,
        steps=tuple(filter(None, (_without(step, gone) for step in plan.steps))),
        checks=tuple(check for check in plan.checks if check.target not in gone),
        warnings=(*plan.warnings, said),
    )


def _servers(step: Step) -> Iterator[tuple[str, str]]:
    """The servers that a step is for by name, with the address where it has one."""
    change = step.change
    if isinstance(change.get("target"), str):
        yield str(change["target"]), str(change.get("url", ""))
    ready = change.get("ready")
    if isinstance(ready, Mapping):
        yield from ((name, "") for name in ready)


def _without(step: Step, gone: Collection[str]) -> Step | None:
    """A step for those that are left, None where it was for one that is gone."""
    if step.change.get("target") in gone:
        return None
    if not any(name in gone for name, _ in _servers(step)):
        return step
    return replace(
        step,
        change={key: _fewer(value, gone) for key, value in step.change.items()},
        before=_less(step.before, gone),
        after=_less(step.after, gone),
    )


def _less(state: Json, gone: Collection[str]) -> Json:
    return {k: _fewer(v, gone) for k, v in state.items()} if isinstance(state, Mapping) else state


def _fewer(value: Json, gone: Collection[str]) -> Json:
    return {k: v for k, v in value.items() if k not in gone} if isinstance(value, Mapping) else value


def _counts(name: str, model: str, seen: Snapshot) -> bool:
    serves = any(row.model == model and name in row.targets for row in seen.models)
    said = any(row.name == name and row.age_s is not None for row in seen.targets)
    return serves or not said


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(visible(name, 80) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
