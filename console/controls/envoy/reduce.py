"""How a model's share is reduced at Envoy: by runtime weights, by a route file, by shedding; pure."""

from collections.abc import Iterator, Mapping, Sequence

from console.controls._routes import RefusedError, get
from console.controls.envoy.look import Look, RouteLook, counted_as
from console.controls.envoy.steps import NAME, file_step, percent_step, weights_step
from console.domain.plan import Proposal, ShareGoal, Step
from console.domain.shares import of_total, share

_AS_ASKED = 0.005
_TOTALS = (100, 10_000)
_FORGETS = "Envoy forgets its runtime values when it restarts"


def by_weights(look: Look, route: RouteLook, percent: float, plan: str) -> Proposal:
    """One step on all weights of the split together; raises RefusedError."""
    if route.trouble:
        raise RefusedError(route.trouble)
    if not (route.route.runtime or route.route.rds) or not route.route.reduced:
        raise RefusedError(f"the route of {route.route.model} names no weights")
    now = share(*_groups(route, route.weights))
    if percent >= 100:
        return _as_configured(look, route, now or 0.0)
    if now is None:
        raise RefusedError(f"all weights of {', '.join(route.route.clusters)} are 0: Envoy answers 404")
    wanted = max(percent, 0.0) / 100
    _check_others(route)
    done = abs(now - wanted) <= _AS_ASKED and (wanted > 0 or now == 0)
    steps = () if done else (_step(look, route, wanted, plan),)
    forgets = () if route.route.rds or done else (_FORGETS,)
    return Proposal(
        steps=steps, warnings=(*_warnings(route, now, wanted, steps), *forgets), share=_goal(route, wanted)
    )


def _step(look: Look, route: RouteLook, wanted: float, plan: str) -> Step:
    effect = f"{get(route.route.reduced)} {wanted:.1%} of the requests of {route.route.model}"
    if route.file is None:
        texts = {name: str(weight) for name, weight in _goal_weights(route, route.weights, wanted).items()}
        return weights_step(look.url, route, texts, effect)
    goals = [_goal_weights(route, split.weights, wanted) for split in route.file.splits]
    return file_step(route.file, route, goals, f"triton-console {plan}", effect)


def _goal_weights(route: RouteLook, weights: Mapping[str, int], wanted: float) -> dict[str, int]:
    """Weights in percent, or finer where that needs it; older Envoys want the sum that is configured."""
    total = next((split.total for split in route.splits if split.total), 0)
    split = of_total(wanted, *_groups(route, weights), (total,) if total else _TOTALS)
    both = {**split.kept, **split.others}
    return {name: both[name] for name in weights}


def _groups(route: RouteLook, weights: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    kept = {name: weight for name, weight in weights.items() if name in route.route.reduced}
    return kept, {name: weight for name, weight in weights.items() if name not in kept}


def _check_others(route: RouteLook) -> None:
    others = [name for name in route.route.clusters if name not in route.route.reduced]
    if not others:
        raise RefusedError("all clusters are the model's: there is nowhere else for its traffic to go")
    if all(route.healthy.get(name) == 0 for name in others):
        raise RefusedError(
            f"no host of {', '.join(others)} is healthy: there is nowhere for the traffic to go"
        )


def _as_configured(look: Look, route: RouteLook, now: float) -> Proposal:
    if route.route.rds:
        raise RefusedError(
            f"--to 100 is what was before, which {route.route.rds} does not tell: use restore, or undo"
        )
    below = {name: value._replace(final=value.below, given="") for name, value in route.values.items()}
    wanted = share(*_groups(route, route._replace(values=below).weights)) or 0.0
    said = f"--to 100 unsets the runtime weights; the configured ones give the model {wanted:.0%}"
    if not any(value.given for value in route.values.values()):
        return Proposal(warnings=(said, "they are not set: nothing to change"), share=_goal(route, wanted))
    effect = f"the configured weights count again: {wanted:.0%} for the model"
    step = weights_step(look.url, route, dict.fromkeys(route.values, ""), effect)
    return Proposal(
        steps=(step,), warnings=(said, *_warnings(route, now, wanted, (step,))), share=_goal(route, wanted)
    )


def _goal(route: RouteLook, wanted: float) -> ShareGoal:
    return ShareGoal(NAME, counted_as(route.route, shed=False), wanted)


def _warnings(route: RouteLook, now: float, wanted: float, steps: Sequence[Step]) -> Iterator[str]:
    names = ", ".join(route.route.reduced)
    if not steps:
        yield f"{names} have {now:.1%} already: nothing to change, the share is counted"
        return
    if wanted > now + _AS_ASKED:
        yield f"this gives {names} more traffic than now: {now:.1%} → {wanted:.1%}"
    others = [name for name in route.route.clusters if name not in route.route.reduced]
    idle = [name for name in others if not route.weights.get(name)]
    if len(idle) == len(others):
        yield f"{', '.join(idle)} had no traffic so far: nothing shows yet that they can take it"
    ill = [name for name in others if route.healthy.get(name) == 0]
    if ill:
        yield f"{', '.join(ill)} have no healthy host, and keep their part of what is left"


def by_shedding(look: Look, route: RouteLook, percent: float) -> Proposal:
    """One step on the runtime percentage; raises RefusedError."""
    if not route.route.shed:
        raise RefusedError(f"the route of {route.route.model} names no runtime key to shed by")
    if route.shed_trouble:
        raise RefusedError(route.shed_trouble)
    shed, now = round(100 - percent), route.shed_now
    goal = ShareGoal(NAME, counted_as(route.route, shed=True), 1 - shed / 100)
    if now == shed:
        said = f"{now:.0f} % are shed already: nothing to change, the share is counted"
        return Proposal(warnings=(said,), share=goal)
    status = (route.fault.status if route.fault else None) or 429
    effect = f"Envoy answers {shed} % of the requests of {route.route.model} itself, with {status}"
    warnings = [f"this sheds less than now: {now:.0f} % → {shed} %"] if now is not None and shed < now else []
    if shed:
        warnings.append(f"shedding burns the error budget: {shed} % of the requests fail with {status}")
    unknown = () if now is not None else ("how much is shed now: the configuration does not say it",)
    return Proposal(
        steps=(percent_step(look.url, route, str(shed), effect),),
        warnings=(*warnings, _FORGETS),
        unknown=unknown,
        share=goal,
    )
