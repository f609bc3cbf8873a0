"""The traffic route's part of a rollback at HAProxy; pure."""

from console.controls._haproxy_knobs import Knob, turned
from console.controls._haproxy_look import Look
from console.domain.plan import Part, PartName, Phase, Proposal, Standing
from console.domain.release import Release
from console.domain.states import Json, holds

_MAINTENANCE = "maint"


def restored(look: Look, release: Release | None) -> Proposal:
    """Steps to the route that a known-good release remembers; after the model's, so that it serves good again first."""
    troubles = tuple(said for route in look.routes for said in (route.trouble, route.shed_trouble) if said)
    if release is None:
        return _told(Standing.UNKNOWN, "no known-good release remembers a route", troubles)
    known = [(knob, release.routes[knob.subject]) for knob in _knobs(look) if knob.subject in release.routes]
    if not known:
        return _told(Standing.UNKNOWN, f"release {release.id} remembers no route of HAProxy", troubles)
    changed = [(knob, then) for knob, then in known if not holds(then, knob.state)]
    held = [knob for knob, then in changed if _maintained(knob.state) or _maintained(then)]
    effect = f"the route is as in release {release.id}"
    steps = tuple(
        turned(look.address, knob, then, effect, Phase.HOLD) for knob, then in changed if knob not in held
    )
    warnings = [f"{knob.subject} is {knob.state}: maintenance is left to people" for knob in held]
    if steps:
        detail = ", ".join(f"{knob.subject} {_words(knob.state)} → {_words(then)}" for knob, then in changed)
        part = Part(PartName.ROUTE, Standing.RESTORE, detail)
        return Proposal(steps=steps, warnings=(*warnings, *troubles), parts=(part,))
    return _told(Standing.UNKNOWN if held else Standing.SAME, "", (*warnings, *troubles))


def _knobs(look: Look) -> list[Knob]:
    return [knob for route in look.routes for knob in route.knobs()]


def _maintained(state: Json) -> bool:
    return state == _MAINTENANCE


def _told(standing: Standing, detail: str, warnings: tuple[str, ...]) -> Proposal:
    return Proposal(warnings=warnings, parts=(Part(PartName.ROUTE, standing, detail),))


def _words(state: Json) -> str:
    value = state["value"] if isinstance(state, dict) else state
    return "none" if value is None else str(value)
