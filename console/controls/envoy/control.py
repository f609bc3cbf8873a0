"""Envoy through its admin interface and its route file: weights, and shedding by a fault."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from console.controls._routes import JOIN, RefusedError, merged
from console.controls.envoy.counters import counted, health_names, healthy, names_of
from console.controls.envoy.look import Look, RouteLook, counted_as, matching, value_state, weights_state
from console.controls.envoy.reduce import by_shedding, by_weights
from console.controls.envoy.restore import route_restored
from console.controls.envoy.routes import RouteFiles
from console.controls.envoy.steps import NAME, knobs
from console.domain.action import Action, ActionKind
from console.domain.envoy_config import fault, splits, whole_number
from console.domain.fleet import Fleet
from console.domain.plan import ControlError, Proposal, Step
from console.domain.situation import Captured, Situation, Traffic
from console.domain.states import Json
from console.domain.surfaces import Envoy, EnvoyRoute
from console.ports import Control
from console.transport.envoy_admin import EnvoyAdmin
from console.transport.kit import Kit

_NO_LAYER = (
    "Envoy has no admin layer in its runtime: add `- name: console, admin_layer: {}` to layered_runtime"
)


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """The fleet's Envoy, if that is its gateway."""
    return [EnvoyControl(fleet.gateway, kit)] if isinstance(fleet.gateway, Envoy) else []


class EnvoyControl(Control):
    """Turns runtime weights and percentages, and the weights of a route file, of one Envoy."""

    name = NAME

    def __init__(self, settings: Envoy, kit: Kit) -> None:
        self._settings = settings
        self._admin = EnvoyAdmin(settings.admin, kit.http)
        self._files = RouteFiles(self._admin, kit.clock)

    async def survey(self, action: Action, situation: Situation) -> Look | None:  # noqa: ARG002
        """The runtime, the configuration and the file of the model's routes, for REDUCE and ROLLBACK."""
        routes = matching(self._settings.routes, action.model)
        if not routes or action.kind not in {ActionKind.REDUCE, ActionKind.ROLLBACK}:
            return None
        return await self._look(routes)

    def propose(self, action: Action, situation: Situation, survey: Look) -> Proposal:
        """The steps that give the asked share, or that bring the known-good route back."""
        if action.kind is ActionKind.ROLLBACK:
            return route_restored(survey, situation.release, situation.plan)
        if action.percent is None or not 0 <= action.percent <= 100:
            return Proposal(refusals=("the share must be 0 to 100 percent",))
        percent, plan = action.percent, situation.plan
        return merged([_reduced(survey, route, percent, plan) for route in survey.routes])

    async def read(self, step: Step) -> Json:
        """What is set and in force of a split's weights or of a percentage; a file's digest and what is served."""
        what = step.change
        if what["what"] == "file":
            return await self._files.read(step)
        layer = await self._admin.admin_layer()
        if what["what"] == "percentage":
            key = str(what["key"])
            return value_state((await self._admin.runtime([key], layer))[key])
        keys = _keys(step)
        values = await self._admin.runtime(keys.values(), layer)
        return weights_state({name: values[key] for name, key in keys.items()})

    async def apply(self, step: Step) -> None:
        """Set the values of the step, all in one request; or replace the file and wait for Envoy's verdict."""
        if step.change["what"] == "file":
            await self._files.apply(step)
            return
        values = _values(step)
        if step.change["what"] == "percentage":
            key = str(step.change["key"])
            await self._admin.set_percent(key, values[key])
        else:
            await self._admin.set_weights(values)

    async def traffic(self, subject: str) -> Traffic | None:
        """Requests as Envoy's own counters have them, summed over the routes of the subject."""
        found: list[Traffic] = []
        for part in subject.split(JOIN):
            for route in self._settings.routes:
                for shed in (False, True):
                    if counted_as(route, shed=shed) == part:
                        stats = await self._admin.stats(names_of(route, self._settings.stat_prefix))
                        found.append(counted(stats, route, shed=shed))
        if not found:
            return None
        return Traffic(sum(each.total for each in found), sum(each.kept for each in found))

    async def capture(self, models: Sequence[str]) -> Captured:
        """Weights, percentages and served routes of the models' routes."""
        routes = dict.fromkeys(route for model in models for route in matching(self._settings.routes, model))
        if not routes:
            return Captured()
        look = await self._look(tuple(routes))
        return Captured(routes={knob.subject: knob.state for route in look.routes for knob in knobs(route)})

    async def _look(self, routes: Sequence[EnvoyRoute]) -> Look:
        layer = await self._admin.admin_layer()
        return Look(self._settings.admin, tuple([await self._route(route, layer) for route in routes]))

    async def _route(self, route: EnvoyRoute, layer: str | None) -> RouteLook:
        look = RouteLook(route)
        if route.clusters:
            look = look._replace(healthy=healthy(await self._admin.stats(health_names(route)), route))
        if route.rds:
            look = await self._files.look(look, layer)
        elif route.runtime:
            look = await self._weights(look, layer)
        return await self._shed(look, layer) if route.shed else look

    async def _weights(self, look: RouteLook, layer: str | None) -> RouteLook:
        route = look.route
        if layer is None:
            return look._replace(trouble=_NO_LAYER)
        configs = [*await self._admin.routes("static"), *await self._admin.routes("dynamic")]
        found = [each for each in splits(configs, route.clusters) if each.runtime == route.runtime]
        keys = {name: f"{route.runtime}.{name}" for name in route.clusters}
        values = await self._admin.runtime(keys.values(), layer)
        look = look._replace(splits=tuple(found), values={name: values[key] for name, key in keys.items()})
        return look._replace(trouble=_trouble(look))

    async def _shed(self, look: RouteLook, layer: str | None) -> RouteLook:
        key = look.route.shed
        if layer is None:
            return look._replace(shed_trouble=_NO_LAYER)
        value = (await self._admin.runtime([key], layer))[key]
        used = fault(await self._admin.dump(), key)
        trouble = ""
        if used is None:
            trouble = f"nothing in Envoy's configuration uses the runtime key {key}"
        elif value.overridden:
            trouble = f"a later layer of Envoy's runtime overrides {key}"
        elif value.given and whole_number(value.given) is None:
            trouble = f"{key} is set to {value.given}, which is no percentage"
        return look._replace(shed=value, fault=used, shed_trouble=trouble)


def _trouble(look: RouteLook) -> str:
    """Why the split's runtime weights cannot be turned; empty when they can."""
    route = look.route
    if not look.splits:
        return (
            f"no route of Envoy splits between exactly {', '.join(route.clusters)}"
            f" with runtime_key_prefix {route.runtime}"
        )
    overridden = [name for name, value in look.values.items() if value.overridden]
    if overridden:
        return f"a later layer of Envoy's runtime overrides the weight of {', '.join(overridden)}"
    strange = [
        name for name, value in look.values.items() if value.final and whole_number(value.final) is None
    ]
    return f"the runtime weight of {', '.join(strange)} is no whole number" if strange else ""


def _keys(step: Step) -> dict[str, str]:
    """The runtime keys of a step's clusters."""
    clusters = step.change["clusters"]
    names = clusters if isinstance(clusters, list | tuple) else []
    return {str(name): f"{step.change['prefix']}.{name}" for name in names}


def _values(step: Step) -> dict[str, str]:
    """The texts to set, by key; what is missing is never a reason to unset."""
    values = step.change.get("values")
    found = dict(values) if isinstance(values, Mapping) else {}
    wanted = _keys(step).values() if step.change["what"] == "weights" else [str(step.change["key"])]
    if set(found) != set(wanted) or not all(isinstance(text, str) for text in found.values()):
        raise ControlError("the step does not say what to set")
    return {key: str(text) for key, text in found.items()}


def _reduced(look: Look, route: RouteLook, percent: float, plan: str) -> Proposal:
    """By weights where they can give the share, because nothing is lost then; else by shedding."""
    try:
        return by_weights(look, route, percent, plan)
    except RefusedError as error:
        closed = str(error)
    if not route.route.shed:
        return Proposal(refusals=(closed,))
    weighted = bool(route.route.runtime or route.route.rds)
    try:
        shed = by_shedding(look, route, percent)
    except RefusedError as error:
        return Proposal(refusals=tuple([closed] * weighted + [str(error)]))
    if not weighted:
        return shed
    return replace(shed, warnings=(f"weights cannot do it ({closed}), so requests are shed", *shed.warnings))
