"""Traffic routes kept in Kubernetes: HTTPRoute, VirtualService, Argo Rollout and ingress-nginx canary, through kubectl."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from console.controls.kubernetes.canary import CONTROL, reduce_canary
from console.controls.kubernetes.cluster import Cluster, Look, StateOf, Wish, members_of, troubles
from console.controls.kubernetes.gitops import syncing
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.kubernetes import Thing
from console.domain.kubernetes_canary import canary_state
from console.domain.kubernetes_weights import Split, reduced, split_of, stronger, weights_state, written
from console.domain.plan import ControlError, Part, PartName, Phase, Proposal, Standing, Step
from console.domain.situation import Captured, Situation
from console.domain.states import Json, holds
from console.domain.surfaces import KubernetesGateway, KubernetesRoute
from console.domain.text import visible, whole
from console.ports import Control
from console.transport.kit import Kit

# After the name of a route in a subject; no name has a space.
_RULE = " rule "
_KINDS = ("httproute", "virtualservice", "rollout", "ingress")
_UNCOUNTED = "the share that is really reached: a route in Kubernetes counts no requests, so look at the gateway's own metrics"


class Routes(NamedTuple):
    """The routes of the model as they were found, each with its setting."""

    looks: tuple[tuple[KubernetesRoute, Look], ...]
    syncing: tuple[str, ...]
    aborts: bool


def controls(fleet: Fleet, kit: Kit) -> list[Control]:  # noqa: ARG001 - every control is made from both
    """One control where the gateway is Kubernetes itself."""
    return [KubernetesRoutes(fleet, fleet.gateway)] if isinstance(fleet.gateway, KubernetesGateway) else []


class KubernetesRoutes(Control):
    """Sets all weights of a rule in one patch, and never all of them to 0."""

    name = CONTROL

    def __init__(self, fleet: Fleet, gateway: KubernetesGateway) -> None:
        self._fleet = fleet
        self._routes = gateway.routes
        self._cluster = Cluster(fleet)

    async def survey(self, action: Action, situation: Situation) -> Routes | None:  # noqa: ARG002 - the port's shape
        """Look at the routes of the model."""
        mine = [each for each in self._routes if fnmatchcase(action.model, each.model)]
        if not mine or action.kind not in {ActionKind.REDUCE, ActionKind.ROLLBACK}:
            return None
        looks = await asyncio.gather(*(self._look(each, action) for each in mine))
        pulled = await syncing(self._cluster, self._fleet) if action.kind is ActionKind.REDUCE else ()
        canaries = any(look.thing.kind == "rollout" for look in looks)
        aborts = canaries and await self._cluster.kubectl.patches_subresources()
        return Routes(tuple(zip(mine, looks, strict=True)), pulled, aborts)

    def propose(self, action: Action, situation: Situation, survey: Routes) -> Proposal:
        """Smaller weights, or those of the known-good release."""
        if action.kind is ActionKind.ROLLBACK:
            known = situation.release.routes if situation.release else {}
            return self._rollback(survey, known)
        each = [self._reduce(action, route, look, survey) for route, look in survey.looks]
        steps = tuple(step for proposal in each for step in proposal.steps)
        warnings = [warning for proposal in each for warning in proposal.warnings]
        warnings += [
            f"{one} will put the weights back to what git says: freeze first" for one in survey.syncing
        ]
        return Proposal(
            steps=steps,
            warnings=tuple(warnings),
            unknown=(*(said for proposal in each for said in proposal.unknown), _UNCOUNTED),
            refusals=tuple(said for proposal in each for said in proposal.refusals),
        )

    async def read(self, step: Step) -> Json:
        """The weights, or a Rollout's steps and abort."""
        thing = self._cluster.subject(step)
        return self._state_of(thing, _rule(step.subject))(await self._cluster.kubectl.get(thing))

    async def apply(self, step: Step) -> None:
        """Set all weights of the rule in one patch."""
        state_of = self._state_of(self._cluster.subject(step), _rule(step.subject))
        await self._cluster.set(step, state_of, members_of(step))

    async def capture(self, models: Sequence[str]) -> Captured:
        """The weights of every route of the models."""
        mine = [each for each in self._routes if any(fnmatchcase(model, each.model) for model in models)]
        found: dict[str, Json] = {}
        for route in mine:
            thing = self._thing(route)
            try:
                obj = await self._cluster.kubectl.get(thing)
                found[_key(thing, route)] = dict(self._state_of(thing, route.rule)(obj))
            except ControlError:
                # What cannot be read is left out, and a rollback says that it is not known.
                continue
        return Captured(routes=found)

    def _thing(self, route: KubernetesRoute) -> Thing:
        return self._cluster.things([route.route], *_KINDS)[0]

    async def _look(self, route: KubernetesRoute, action: Action) -> Look:
        thing = self._thing(route)
        aborts = thing.kind == "rollout" and action.kind is ActionKind.REDUCE and not action.percent
        if aborts and await self._cluster.kubectl.patches_subresources():
            return await self._cluster.look(thing, "status")
        return await self._cluster.look(thing)

    def _state_of(self, thing: Thing, rule: int) -> StateOf:
        if thing.kind == "rollout":
            return canary_state

        def weights(obj: Any) -> Mapping[str, Json]:
            try:
                return weights_state(thing.kind, obj, rule)
            except ValueError as error:
                raise ControlError(
                    f"{thing.subject}: {error}", "correct the route in the settings"
                ) from error

        return weights

    def _reduce(self, action: Action, route: KubernetesRoute, look: Look, survey: Routes) -> Proposal:
        if look.thing.kind == "rollout":
            return reduce_canary(self._cluster, action, look, route, aborts=survey.aborts)
        told = troubles([look])
        if look.problem:
            return told
        percent = action.percent or 0.0
        try:
            split = split_of(look.thing.kind, look.obj, route.rule)
            mine = _mine(look.thing, route, split)
            weights = reduced(split, mine, percent)
        except ValueError as error:
            return replace(told, refusals=(f"{look.thing.subject}: {error}",))
        title = f"leave {', '.join(mine)} {percent:g} % of {look.thing.subject}"
        step = self._weigh(look, route, split, weights, title)
        return replace(told, steps=(step,), warnings=_warnings(look, split, weights, mine, percent))

    def _weigh(
        self, look: Look, route: KubernetesRoute, split: Split, weights: Sequence[int | None], title: str
    ) -> Step:
        then = _words(split, weights)
        wish = Wish(
            thing=look.thing,
            obj=look.obj,
            members=written(look.thing.kind, split, weights),
            facets=("weights",),
            title=title,
            effect=f"weights {then}, all in one patch",
            undo_title=f"give {look.thing.subject} its weights back",
            undo_effect=f"weights {_words(split, [each.weight for each in split.backends])}",
            keep=split.keep,
            phase=Phase.ROUTE,
        )
        made = self._cluster.step(CONTROL, wish, self._state_of(look.thing, route.rule))
        key = _key(look.thing, route)
        return replace(made, subject=key, inverse=made.inverse and replace(made.inverse, subject=key))

    def _rollback(self, survey: Routes, known: Mapping[str, Json]) -> Proposal:
        steps: list[Step] = []
        parts: list[Part] = []
        for route, look in survey.looks:
            was = known.get(_key(look.thing, route))
            part, step = self._restored(route, look, was)
            parts.append(part)
            steps += [step] if step else []
        told = troubles(look for _, look in survey.looks)
        worst = max(parts, key=lambda part: _GRAVITY.index(part.standing))
        details = "; ".join(part.detail for part in parts)
        return replace(
            told,
            steps=tuple(steps),
            parts=(worst._replace(detail=details),),
            refusals=(),
        )

    def _restored(self, route: KubernetesRoute, look: Look, was: Json) -> tuple[Part, Step | None]:
        name = look.thing.subject
        if look.problem or was is None:
            said = look.problem or f"{name}: the known-good release knows no weights of it"
            return _part(Standing.UNKNOWN, said), None
        try:
            now = self._state_of(look.thing, route.rule)(look.obj)
        except ControlError as error:
            return _part(Standing.UNKNOWN, str(error)), None
        if holds(was, now):
            return _part(Standing.SAME, name), None
        if look.thing.kind == "rollout":
            return _part(Standing.UNKNOWN, f"{name}: a Rollout's weight follows its pods, not the plan"), None
        split = split_of(look.thing.kind, look.obj, route.rule)
        weights = _again(split, was)
        if weights is None:
            return _part(Standing.UNKNOWN, f"{name}: other backends than in the known-good release"), None
        step = self._weigh(look, route, split, weights, f"give {name} the weights of the known-good release")
        return _part(Standing.RESTORE, f"{name}: {_words(split, weights)}"), step


# The worst is what the part as a whole says.
_GRAVITY = (Standing.SAME, Standing.RESTORE, Standing.MUTABLE, Standing.UNKNOWN)


def _part(standing: Standing, detail: str) -> Part:
    return Part(PartName.ROUTE, standing, detail)


def _key(thing: Thing, route: KubernetesRoute) -> str:
    return f"{thing.subject}{_RULE}{route.rule}" if route.rule else thing.subject


def _rule(subject: str) -> int:
    return whole(subject.partition(_RULE)[2]) or 0


def _mine(thing: Thing, route: KubernetesRoute, split: Split) -> tuple[str, ...]:
    """The backends that the model keeps; an ingress canary has only one."""
    if route.backends or thing.kind != "ingress":
        return route.backends
    return (split.backends[0].name,)


def _again(split: Split, was: Json) -> list[int | None] | None:
    """The remembered weights for the backends of now; None unless they are the same backends."""
    rows = was.get("weights") if isinstance(was, Mapping) else None
    named = {str(row[0]): row[1] for row in rows or () if isinstance(row, list | tuple)}  # type: ignore[union-attr]
    if set(named) != {each.name for each in split.backends if each.path is not None}:
        return None
    return [named.get(each.name, each.weight) for each in split.backends]


def _words(split: Split, weights: Sequence[int | None]) -> str:
    pairs = zip(split.backends, weights, strict=True)
    said = [f"{each.name} {weight}" for each, weight in pairs if each.path is not None]
    return visible(", ".join(said), 160)


def _warnings(
    look: Look, split: Split, weights: Sequence[int], mine: Sequence[str], percent: float
) -> tuple[str, ...]:
    said = []
    reached = (
        100
        * sum(weight for each, weight in zip(split.backends, weights, strict=True) if each.name in mine)
        / sum(weights)
    )
    if abs(reached - percent) > 0.05:
        said.append(
            f"{look.thing.subject} takes whole weights of {sum(weights)}: {reached:g} % instead of {percent:g} %"
        )
    woken = [
        each.name
        for each, before, after in zip(split.backends, split.weights, weights, strict=True)
        if before == 0 and after > 0 and each.path is not None
    ]
    if woken:
        said.append(f"{', '.join(woken)} got nothing so far and takes what is left now: is it up?")
    keys = stronger(look.obj) if look.thing.kind == "ingress" else ()
    if keys:
        said.append(f"{look.thing.subject}: {', '.join(keys)} decides before the weight does")
    return tuple(said)
