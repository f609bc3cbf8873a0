"""Flux Kustomizations and HelmReleases: a freeze suspends them."""

from dataclasses import replace
from typing import Any

from console.controls.kubernetes.cluster import Cluster, Look, Wish, members_of, troubles
from console.controls.kubernetes.gitops import SUSPEND, reconciled, syncs
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.kubernetes import Member, member
from console.domain.plan import Proposal, Step
from console.domain.situation import Situation
from console.domain.states import Json
from console.domain.text import visible
from console.ports import Control
from console.transport.kit import Kit

CONTROL = "flux"
_PARENT = ("metadata", "labels", "kustomize.toolkit.fluxcd.io/name")


def controls(fleet: Fleet, kit: Kit) -> list[Control]:  # noqa: ARG001 - every control is made from both
    """One control where a freeze names Flux objects."""
    return [FluxControl(fleet)] if fleet.freeze.flux else []


def suspend_state(obj: Any) -> dict[str, Json]:
    """Whether it is suspended; unwritten is not."""
    return {"suspended": member(obj, SUSPEND) is True}


class FluxControl(Control):
    """Suspends, and puts exactly back what was written."""

    name = CONTROL

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._cluster = Cluster(fleet)

    async def survey(self, action: Action, situation: Situation) -> list[Look] | None:  # noqa: ARG002 - the port's shape
        """Look at the Flux objects."""
        if action.kind not in {ActionKind.FREEZE, ActionKind.ROLLBACK}:
            return None
        return await self._cluster.looks(reconciled(self._cluster, self._fleet))

    def propose(self, action: Action, situation: Situation, survey: list[Look]) -> Proposal:  # noqa: ARG002 - the port's shape
        """Suspend what reconciles; a rollback changes nothing here, and says what that means for it."""
        able = [look for look in survey if not look.problem]
        if action.kind is ActionKind.ROLLBACK:
            return Proposal(warnings=tuple(_beside_a_rollback(look) for look in able))
        steps = tuple(self._suspend(look) for look in able if syncs(look.obj))
        warnings = (warning for look in able for warning in _warnings(look))
        return replace(troubles(survey), steps=steps, warnings=tuple(warnings))

    async def read(self, step: Step) -> Json:
        """Suspended or not."""
        return suspend_state(await self._cluster.kubectl.get(self._cluster.subject(step)))

    async def apply(self, step: Step) -> None:
        """Suspend, or put back what was written."""
        await self._cluster.set(step, suspend_state, members_of(step))

    def _suspend(self, look: Look) -> Step:
        name = look.thing.subject
        wish = Wish(
            thing=look.thing,
            obj=look.obj,
            members=[Member(SUSPEND, value=True)],
            facets=("suspended",),
            title=f"suspend {name}",
            effect="nothing is applied from git and no live change is put back until it is resumed",
            undo_title=f"resume {name}",
            undo_effect="what git says is applied, and live changes of the meantime are put back",
        )
        return self._cluster.step(CONTROL, wish, suspend_state)


def _beside_a_rollback(look: Look) -> str:
    name = look.thing.subject
    if syncs(look.obj):
        return f"{name} reconciles by itself: it puts live changes back to what git says: freeze first"
    return f"{name} is suspended and stays so: a rollback needs it so, there is nothing to lift"


def _warnings(look: Look) -> list[str]:
    name = look.thing.subject
    said = []
    if not syncs(look.obj):
        said.append(f"{name} is suspended already: it is left as it is, and stays suspended after the freeze")
    parent = member(look.obj, _PARENT)
    if parent and parent != look.thing.name:
        said.append(
            f"{name} is itself applied by the Kustomization {visible(str(parent), 80)}: "
            "suspend that too where git writes spec.suspend"
        )
    return said
