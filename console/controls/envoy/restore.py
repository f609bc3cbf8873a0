"""The traffic route's part of a rollback at Envoy; pure."""

from collections.abc import Mapping

from console.controls._routes import restored
from console.controls.envoy.look import Look, text_of
from console.controls.envoy.steps import Knob, file_step, in_phase, knobs, percent_step, weights_step
from console.domain.plan import Phase, Proposal, Step
from console.domain.release import Release
from console.domain.states import Json


def route_restored(look: Look, release: Release | None, plan: str) -> Proposal:
    """Steps to the release's route; they come after the model's own, so that it serves good before it has traffic."""
    return restored(
        release,
        (knob for route in look.routes for knob in knobs(route)),
        lambda knob, then, effect: in_phase(_turned(look.url, knob, then, effect, plan), Phase.HOLD),
        warnings=[said for route in look.routes for said in (route.trouble, route.shed_trouble) if said],
        held=_held,
    )


def _turned(url: str, knob: Knob, then: Json, effect: str, plan: str) -> Step:
    if knob.file is not None:
        return file_step(knob.file, knob.route, _goals(then), f"triton-console {plan}", effect)
    if knob.subject == f"percentage {knob.route.route.shed}":
        return percent_step(url, knob.route, text_of(then), effect)
    texts = {name: text_of(_table(then).get(name)) for name in knob.route.values}
    return weights_step(url, knob.route, texts, effect)


def _held(knob: Knob, then: Json) -> str:
    """What a release remembers may be of another configuration."""
    if knob.file is not None:
        served = [set(split.weights) for split in knob.route.served]
        return "" if [set(goal) for goal in _goals(then)] == served else f"{knob.subject}: other clusters now"
    if knob.subject.startswith("weights "):
        return "" if set(_table(then)) == set(knob.route.values) else f"{knob.subject}: other clusters now"
    return ""


def _goals(then: Json) -> list[dict[str, int]]:
    rows = _table(then).get("weights")
    return [
        {str(name): int(str(weight)) for name, weight in row.items()}
        for row in (rows if isinstance(rows, list | tuple) else [])
        if isinstance(row, Mapping)
    ]


def _table(state: Json) -> Mapping[str, Json]:
    return state if isinstance(state, Mapping) else {}
