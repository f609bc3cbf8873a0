"""Argo CD Applications: a freeze turns automated sync off, so that nothing is put back or rolled out meanwhile."""

from dataclasses import replace
from typing import Any

from console.controls.kubernetes.cluster import Cluster, Look, Wish, members_of, troubles
from console.controls.kubernetes.gitops import AUTOMATED, applications, syncs
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.kubernetes import Member, member
from console.domain.plan import Proposal, Step
from console.domain.situation import Situation
from console.domain.states import Json
from console.domain.text import visible
from console.ports import Control
from console.transport.kit import Kit

CONTROL = "argocd"
_TRACKING = ("metadata", "annotations", "argocd.argoproj.io/tracking-id")


def controls(fleet: Fleet, kit: Kit) -> list[Control]:  # noqa: ARG001 - every control is made from both
    """One control where a freeze names Applications."""
    return [ArgoCdControl(fleet)] if fleet.freeze.argocd else []


def sync_state(obj: Any) -> dict[str, Json]:
    """The automated sync policy as it is written; null is manual sync."""
    return {"automated": member(obj, AUTOMATED)}


class ArgoCdControl(Control):
    """Takes the automated sync policy away and puts exactly the same one back."""

    name = CONTROL

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._cluster = Cluster(fleet)

    async def survey(self, action: Action, situation: Situation) -> list[Look] | None:  # noqa: ARG002 - the port's shape
        """Look at the Applications."""
        if action.kind not in {ActionKind.FREEZE, ActionKind.ROLLBACK}:
            return None
        return await self._cluster.looks(applications(self._cluster, self._fleet))

    def propose(self, action: Action, situation: Situation, survey: list[Look]) -> Proposal:  # noqa: ARG002 - the port's shape
        """Automated sync off; a rollback changes nothing here, and says what that means for it."""
        able = [look for look in survey if not look.problem]
        if action.kind is ActionKind.ROLLBACK:
            return Proposal(warnings=tuple(_beside_a_rollback(look) for look in able))
        on = [look for look in able if syncs(look.obj)]
        steps = tuple(self._off(look) for look in on if not _generator(look.obj))
        refusals = tuple(_generated(look) for look in on if _generator(look.obj))
        told = troubles(survey)
        warnings = (warning for look in able for warning in _warnings(look))
        return replace(told, steps=steps, warnings=tuple(warnings), refusals=(*told.refusals, *refusals))

    async def read(self, step: Step) -> Json:
        """The automated sync policy."""
        return sync_state(await self._cluster.kubectl.get(self._cluster.subject(step)))

    async def apply(self, step: Step) -> None:
        """Take the policy away, or put it back."""
        await self._cluster.set(step, sync_state, members_of(step))

    def _off(self, look: Look) -> Step:
        name = look.thing.subject
        wish = Wish(
            thing=look.thing,
            obj=look.obj,
            members=[Member(AUTOMATED, None)],
            facets=("automated",),
            title=f"turn automated sync of {name} off",
            effect="nothing is rolled out from git and no live change is put back; a sync by hand still works",
            undo_title=f"turn automated sync of {name} on again",
            undo_effect="what git says is rolled out, and live changes of the meantime are put back",
        )
        return self._cluster.step(CONTROL, wish, sync_state)


def _beside_a_rollback(look: Look) -> str:
    name = look.thing.subject
    if syncs(look.obj):
        return (
            f"{name} syncs by itself: it puts live changes back to what git says, and Argo CD itself refuses a "
            "rollback meanwhile: freeze first"
        )
    return f"automated sync of {name} is off and stays off: a rollback needs it so, there is nothing to lift"


def _warnings(look: Look) -> list[str]:
    name = look.thing.subject
    said = []
    if not syncs(look.obj):
        said.append(
            f"automated sync of {name} is off already: it is left as it is, and stays off after the freeze"
        )
    if member(look.obj, ("status", "operationState", "phase")) == "Running":
        said.append(f"a sync of {name} is running: turning automated sync off does not stop it")
    tracked = str(member(look.obj, _TRACKING) or "")
    if tracked:
        parent = visible(tracked.partition(":")[0], 80)
        said.append(
            f"{name} is itself applied by the Argo CD application {parent}, which may turn sync on again"
        )
    return said


def _generator(obj: Any) -> str:
    """The ApplicationSet that made an Application; empty where none did."""
    owners = member(obj, ("metadata", "ownerReferences"))
    for each in owners if isinstance(owners, list) else ():
        if member(each, ("kind",)) == "ApplicationSet":
            return visible(str(member(each, ("name",))), 80)
    return ""


def _generated(look: Look) -> str:
    return (
        f"{look.thing.subject} is made by the ApplicationSet {_generator(look.obj)}, which would turn sync on again "
        "at once: freeze there, or let it ignore spec.syncPolicy (ignoreApplicationDifferences)"
    )
