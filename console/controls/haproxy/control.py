"""HAProxy through its runtime socket: weights, drain, and shedding by a map file."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from console.controls._routes import JOIN, RefusedError, merged
from console.controls.haproxy.knobs import NAME, command
from console.controls.haproxy.look import Look, RouteLook, counted_as, matching, trouble_of
from console.controls.haproxy.reduce import by_shedding, by_weights
from console.controls.haproxy.restore import route_restored
from console.controls.haproxy.tables import (
    admitted,
    backend_of,
    is_percent,
    map_value,
    servers_of,
    weighed,
)
from console.domain.action import Action, ActionKind
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.haproxy_stats import Row, stat_rows
from console.domain.plan import ControlError, Proposal, Step
from console.domain.situation import Captured, Situation, Traffic
from console.domain.states import Json
from console.domain.surfaces import Haproxy, HaproxyRoute
from console.domain.text import visible
from console.ports import Control
from console.transport.haproxy_socket import HaproxySocket
from console.transport.kit import Kit

_ADMIN = "admin"
_T = TypeVar("_T")


def controls(fleet: Fleet, kit: Kit) -> list[Control]:  # noqa: ARG001 - the socket needs no session
    """The fleet's HAProxy, if that is its gateway."""
    return [HaproxyControl(fleet.gateway)] if isinstance(fleet.gateway, Haproxy) else []


class HaproxyControl(Control):
    """Turns weights, states and map entries of one HAProxy."""

    name = NAME

    def __init__(self, settings: Haproxy) -> None:
        self._settings = settings
        self._socket = HaproxySocket(settings.socket)

    async def survey(self, action: Action, situation: Situation) -> Look | None:  # noqa: ARG002
        """The socket's level and the model's routes, for REDUCE and ROLLBACK."""
        routes = matching(self._settings.routes, action.model)
        if not routes or action.kind not in {ActionKind.REDUCE, ActionKind.ROLLBACK}:
            return None
        return await self._look(routes)

    def propose(self, action: Action, situation: Situation, survey: Look) -> Proposal:
        """The steps that give the asked share, or that bring the known-good route back."""
        if action.kind is ActionKind.ROLLBACK:
            return route_restored(survey, situation.release)
        if survey.level != _ADMIN:
            said = f"HAProxy's socket has level {survey.level}: changes need `stats socket … level admin`"
            return Proposal(refusals=(said,))
        if action.percent is None or not 0 <= action.percent <= 100:
            return Proposal(refusals=("the share must be 0 to 100 percent",))
        return merged([_reduced(survey, route, action.percent) for route in survey.routes])

    async def read(self, step: Step) -> Json:
        """A weight, a state, or ``{"value": …}`` of a map's key; None where the server is gone."""
        what = step.change
        if what["what"] == "entry":
            return {"value": await self._entry(str(what["map"]), str(what["key"]))}
        backend, _, name = str(what["server"]).partition("/")
        states = await self._socket.ask(f"show servers state {backend}")
        servers = _parsed(lambda: servers_of(backend, states))
        server = next((each for each in servers if each.name == name), None)
        if server is None:
            return None
        return server.weight if what["what"] == "weight" else server.state

    async def apply(self, step: Step) -> None:
        """Send the one command of the step."""
        await self._socket.change(command(step.change, step.before, step.after))

    async def traffic(self, subject: str) -> Traffic | None:
        """Requests as HAProxy's own counters have them, summed over the routes of the subject."""
        rows = await self._rows()
        found = [traffic for part in subject.split(JOIN) if (traffic := self._counted(rows, part))]
        if not found:
            return None
        return Traffic(sum(each.total for each in found), sum(each.kept for each in found))

    async def capture(self, models: Sequence[str]) -> Captured:
        """Weights, states and map entries of the models' routes."""
        routes = dict.fromkeys(route for model in models for route in matching(self._settings.routes, model))
        if not routes:
            return Captured()
        look = await self._look(tuple(routes))
        return Captured(routes={knob.subject: knob.state for route in look.routes for knob in route.knobs()})

    def _counted(self, rows: Sequence[Row], subject: str) -> Traffic | None:
        for route in self._settings.routes:
            if subject == counted_as(route, shed=False):
                return weighed(rows, route.backend, route.servers)
            if subject == counted_as(route, shed=True):
                return admitted(rows, route.backend)
        return None

    async def _look(self, routes: Sequence[HaproxyRoute]) -> Look:
        level = (await self._socket.ask("show cli level")).strip()
        rows = await self._rows()
        return Look(self._settings.socket, level, tuple([await self._route(route, rows) for route in routes]))

    async def _route(self, route: HaproxyRoute, rows: Sequence[Row]) -> RouteLook:
        look = RouteLook(route)
        if route.servers:
            states = await self._socket.ask(f"show servers state {route.backend}")
            backend = _parsed(lambda: backend_of(route.backend, rows, states))
            look = look._replace(backend=backend, trouble=trouble_of(route, backend))
        if look.sheds:
            try:
                look = look._replace(shed=await self._entry(route.shed_map, route.shed_key))
            except ControlError as error:
                look = look._replace(shed_trouble=str(error))
        return look

    async def _rows(self) -> list[Row]:
        text = await self._socket.ask("show stat")
        return _parsed(lambda: stat_rows(text))

    async def _entry(self, path: str, key: str) -> str | None:
        """The value of a map's key; raises ControlError where there is no such map, or no usable value."""
        text = await self._socket.ask(f"show map {path}")
        try:
            value = map_value(text, key)
        except ValueError as error:
            said = f"the map {path} cannot be used: {visible(str(error))}"
            raise ControlError(said, "name the file as HAProxy's configuration does") from error
        if value is not None and not is_percent(value):
            raise ControlError(f"{key} in {path} is {visible(value)}, which is no percentage")
        return value


def _parsed(parse: Callable[[], _T]) -> _T:
    try:
        return parse()
    except (ValueError, KeyError) as error:
        said = f"haproxy: not an answer of HAProxy's runtime socket ({visible(str(error), 80)})"
        hint = "is this the address of its stats socket, and is the socket no master socket?"
        raise SourceError(Failure(FailureKind.GARBAGE, "haproxy", said, hint)) from error


def _reduced(look: Look, route: RouteLook, percent: float) -> Proposal:
    """By weights where they can give the share, because nothing is lost then; else by shedding."""
    try:
        return by_weights(look, route, percent)
    except RefusedError as error:
        closed = str(error)
    if not route.sheds:
        return Proposal(refusals=(closed,))
    try:
        shed = by_shedding(look, route, percent)
    except RefusedError as error:
        reasons = [closed] * bool(route.route.servers) + [str(error)]
        return Proposal(refusals=tuple(reasons))
    if not route.route.servers:
        return shed
    return replace(shed, warnings=(f"weights cannot do it ({closed}), so requests are shed", *shed.warnings))
