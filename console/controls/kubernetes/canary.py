"""Less traffic for the canary of an Argo Rollout: by an abort, or by steps that stay at a lower weight."""

from dataclasses import replace

from console.controls.kubernetes.cluster import Cluster, Look, Wish, troubles
from console.domain.action import Action
from console.domain.kubernetes_canary import (
    aborted,
    canary_percent,
    canary_service,
    canary_state,
    holding,
    routed,
    running,
)
from console.domain.plan import Phase, Proposal
from console.domain.surfaces import KubernetesRoute

CONTROL = "kubernetes_routes"
_NOT_BACK = "an abort is no rollback: the Rollout's pod template stays the new version"
_STARTS_OVER = "Argo Rollouts starts the canary over at its first step"


def reduce_canary(
    cluster: Cluster, action: Action, look: Look, route: KubernetesRoute, *, aborts: bool
) -> Proposal:
    """The plan for a canary; ``aborts`` says that this kubectl reaches the status, which an abort is kept in."""
    told = troubles([look])
    percent = action.percent or 0.0
    refusal = _refusal(look, route, percent)
    if look.problem or refusal:
        said = f"{look.thing.subject}: {refusal}"
        return told if look.problem else replace(told, refusals=(said,))
    by_abort = percent == 0 and aborts
    wish = _abort(look) if by_abort else _hold(look, percent)
    warnings = [f"undoing this does not bring the weight back at once: {_STARTS_OVER}"]
    warnings += [_NOT_BACK] if by_abort else []
    if percent == 0 and not aborts:
        warnings.append(
            "this kubectl cannot write a status, so the canary is held at 0 by its steps instead of aborted"
        )
    if not by_abort and not routed(look.obj):
        warnings.append("without a traffic router the number of pods makes the weight, and only roughly")
    return replace(told, steps=(cluster.step(CONTROL, wish, canary_state),), warnings=tuple(warnings))


def _refusal(look: Look, route: KubernetesRoute, percent: float) -> str:
    if look.problem:
        return ""
    named = {"canary", canary_service(look.obj)}
    if any(backend not in named for backend in route.backends):
        return (
            "only the canary's share can be made smaller; name its httproute or virtualservice as the route"
        )
    if not running(look.obj):
        return "no canary is under way: the stable pods get everything"
    now = canary_percent(look.obj)
    if now is not None and percent >= now:
        return f"its canary has {now:g} % now, which is not more than {percent:g} %"
    if percent != round(percent):
        return "Argo Rollouts takes whole percents only"
    return ""


def _abort(look: Look) -> Wish:
    name = look.thing.subject
    return Wish(
        thing=look.thing,
        obj=look.obj,
        members=[aborted()],
        facets=("aborted",),
        title=f"abort the canary of {name}",
        effect="all traffic goes to the stable pods at once, and the canary's pods end",
        undo_title=f"retry the canary of {name}",
        undo_effect=_STARTS_OVER,
        subresource="status",
        phase=Phase.ROUTE,
    )


def _hold(look: Look, percent: float) -> Wish:
    name = look.thing.subject
    return Wish(
        thing=look.thing,
        obj=look.obj,
        members=[holding(percent)],
        facets=("steps",),
        title=f"hold the canary of {name} at {percent:g} %",
        effect=f"{_STARTS_OVER}, which is this weight, and waits there until somebody goes on",
        undo_title=f"give {name} its steps back",
        undo_effect=_STARTS_OVER,
        phase=Phase.ROUTE,
    )
