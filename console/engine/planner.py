"""Makes the plan of an action from what every control proposes."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from console.domain.action import Action, ActionKind
from console.domain.failure import SourceError
from console.domain.plan import (
    Blast,
    ControlError,
    Part,
    PartName,
    Plan,
    Proposal,
    Standing,
    Step,
    inverted,
)
from console.domain.plan_json import step_json
from console.domain.situation import Situation
from console.domain.states import Json
from console.domain.text import visible
from console.engine._gathered import gathered
from console.engine._goal import goal_of
from console.ports import Control

_T = TypeVar("_T")
SURVEY_S = 15.0
LOCK = "deploy_lock"

_NO_CONTROL = {
    ActionKind.REDUCE: "no gateway in the settings has a route for it: set [fleets.NAME.gateway]",
    ActionKind.FREEZE: "nothing can be frozen: set [fleets.NAME.freeze]",
    ActionKind.UNFREEZE: "nothing is frozen",
}
_NOBODY = "nothing here can do this"
_SCRAPED = "Prometheus changes nothing: open one of its servers directly, or set [fleets.NAME.gateway] or [fleets.NAME.kubernetes]"
_NO_PART = {
    PartName.ROUTE: "no gateway in the settings",
    PartName.IMAGE: "no workload in the settings: set kubernetes.workload",
}


class Offer(NamedTuple):
    """What one control proposes, or why it could not look."""

    control: str
    proposal: Proposal
    failure: str = ""


async def offers(action: Action, situation: Situation, controls: Iterable[Control]) -> list[Offer]:
    """Ask every control, all at the same time, each bounded in time."""
    asked = (_offer(control, action, situation) for control in controls if _wanted(action, control))
    return [offer for offer in await asyncio.gather(*asked) if offer is not None]


def _wanted(action: Action, control: Control) -> bool:
    return action.kind is not ActionKind.REDUCE or action.via in {"", control.name}


async def _offer(control: Control, action: Action, situation: Situation) -> Offer | None:
    try:
        async with asyncio.timeout(SURVEY_S):
            survey = await control.survey(action, situation)
    except (ControlError, SourceError, TimeoutError, OSError) as error:
        return Offer(control.name, Proposal(), _said(control.name, error))
    if survey is None:
        return None
    return Offer(control.name, control.propose(action, situation, survey))


def _said(name: str, error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"{name}: no answer within {SURVEY_S:.0f} seconds"
    hint = error.failure.hint if isinstance(error, SourceError) else getattr(error, "hint", "")
    said = visible(str(error) or type(error).__name__, 300)
    return f"{name}: {said}" + (f" ({visible(hint, 200)})" if hint else "")


def compose(action: Action, situation: Situation, offered: Sequence[Offer]) -> Plan:
    """The plan that the offers make together."""
    chosen = _first(offered) if action.kind is ActionKind.REDUCE else list(offered)
    proposals = [offer.proposal for offer in chosen]
    steps = sorted((step for p in proposals for step in p.steps), key=lambda step: step.phase)
    targets = [target.name for target in situation.snapshot.targets]
    refusals = gathered((said for p in proposals for said in p.refusals), targets)
    failures = [offer.failure for offer in offered if offer.failure]
    share = next((p.share for p in proposals if p.share is not None), None)
    refusal = _refusal(action, chosen, refusals, failures, able=bool(steps) or share is not None)
    if refusal == _NOBODY and situation.snapshot.fleet.through_prometheus:
        refusal = _SCRAPED
    return Plan(
        action=action,
        goal=goal_of(action, situation),
        id=situation.plan,
        steps=() if refusal else tuple(_with_undo(steps)),
        blast=_blast(action, situation, proposals),
        warnings=(
            *gathered((w for p in proposals for w in p.warnings), targets),
            *(() if refusal else refusals),
        ),
        unknown=(
            *gathered((u for p in proposals for u in p.unknown), targets),
            *(() if refusal else failures),
        ),
        parts=_parts(proposals) if action.kind is ActionKind.ROLLBACK else (),
        checks=() if refusal else _unique(check for p in proposals for check in p.checks),
        share=None if refusal else share,
        refusal=refusal,
    )


def _first(offered: Sequence[Offer]) -> list[Offer]:
    """Traffic is reduced in one place: the first that can; else everybody's reasons why not."""
    able = [o for o in offered if o.proposal.steps or o.proposal.share is not None]
    return able[:1] or list(offered)


def _refusal(
    action: Action, chosen: Sequence[Offer], refusals: Sequence[str], failures: Sequence[str], *, able: bool
) -> str:
    held = [r for offer in chosen if offer.control == LOCK for r in offer.proposal.refusals]
    if held and action.kind in {ActionKind.FREEZE, ActionKind.UNFREEZE}:
        return held[0]
    if able or not (refusals or failures or not chosen):
        return ""
    whole = [*refusals, *failures]
    return "; ".join(whole) if whole else _NO_CONTROL.get(action.kind, _NOBODY)


def _with_undo(steps: Sequence[Step]) -> list[Step]:
    """The lock of a freeze carries what restores the rest, so that any console can unfreeze exactly."""
    others = [step for step in reversed(steps) if step.control != LOCK]
    undo = [step_json(inverse) for inverse in map(inverted, others) if inverse is not None]
    return [_carrying(step, undo) if step.control == LOCK else step for step in steps]


def _carrying(step: Step, undo: list[dict[str, Json]]) -> Step:
    if not undo or not isinstance(step.after, dict) or not isinstance(step.after.get("lock"), dict):
        return step
    lock = {**step.after["lock"], "undo": [*undo, *step.after["lock"].get("undo", ())]}
    inverse = step.inverse and replace(step.inverse, before={"lock": lock})
    return replace(step, after={"lock": lock}, change={**step.change, "lock": lock}, inverse=inverse)


def _blast(action: Action, situation: Situation, proposals: Sequence[Proposal]) -> Blast:
    rows = situation.snapshot.models
    mine = [row for row in rows if row.model == action.model]
    total = sum(row.rate or 0.0 for row in rows)
    known = any(row.rate is not None for row in mine)
    return Blast(
        models=(action.model,) if action.model else (),
        targets=action.targets or _unique(target for row in mine for target in row.targets),
        dependents=_unique(each for p in proposals for each in p.dependents),
        share=sum(row.rate or 0.0 for row in mine) / total if known and total else None,
    )


def _parts(proposals: Sequence[Proposal]) -> tuple[Part, ...]:
    told = {part.name: part for p in proposals for part in p.parts}
    return tuple(told.get(name) or _untold(name) for name in PartName)


def _untold(name: PartName) -> Part:
    return Part(name, Standing.UNKNOWN, _NO_PART.get(name, "nothing here can tell"))


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
