"""The traffic route's part of a rollback at HAProxy; pure."""

from console.controls._routes import restored
from console.controls.haproxy.knobs import Knob, turned
from console.controls.haproxy.look import Look
from console.domain.plan import Phase, Proposal
from console.domain.release import Release
from console.domain.states import Json

_MAINTENANCE = "maint"


def route_restored(look: Look, release: Release | None) -> Proposal:
    """Steps to the release's route; they come after the model's own, so that it serves good before it has traffic."""
    return restored(
        release,
        (knob for route in look.routes for knob in route.knobs()),
        lambda knob, then, effect: turned(look.address, knob, then, effect, Phase.HOLD),
        warnings=[said for route in look.routes for said in (route.trouble, route.shed_trouble) if said],
        held=_held,
    )


def _held(knob: Knob, then: Json) -> str:
    for state in (knob.state, then):
        if state == _MAINTENANCE:
            return f"{knob.subject} is {knob.state}: maintenance is left to people"
    return ""
