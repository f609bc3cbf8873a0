"""Pausing Deployments and Argo Rollouts, and what a pause does not stop."""

from collections.abc import Sequence
from dataclasses import replace

from console.controls.kubernetes.cluster import Cluster, Look, Wish, troubles
from console.domain.kubernetes import Member, member, placed
from console.domain.kubernetes_workload import PAUSED, deadline_s, progress, workload_state
from console.domain.plan import Phase, Proposal, Step

CONTROL = "kubernetes"
_EFFECT = {
    "deployment": "a new image or config makes no pods until it is resumed; an autoscaler still scales it",
    "rollout": "its steps stop where they are and traffic stays as it is; an autoscaler still scales it",
}


def freeze(cluster: Cluster, looks: Sequence[Look]) -> Proposal:
    """Pause every workload that is not paused already."""
    able = [look for look in looks if not look.problem]
    running = [look for look in able if not is_paused(look)]
    warnings = [
        f"{look.thing.subject} is paused already: it is left as it is, and stays paused after the freeze"
        for look in able
        if is_paused(look)
    ]
    rolling = ((look.thing.subject, progress(look.obj)) for look in running)
    warnings += [
        f"{name}: a rollout is under way ({how.words}); the pause stops it half-way, and both versions serve"
        for name, how in rolling
        if how.complete is False
    ]
    steps = tuple(pause(cluster, look) for look in running)
    return replace(troubles(looks), steps=steps, warnings=tuple(warnings))


def is_paused(look: Look) -> bool:
    """Whether the workload is paused now."""
    return member(look.obj, PAUSED) is True


def pause(cluster: Cluster, look: Look) -> Step:
    """Pause a workload; its inverse puts back what was there, nothing at all included."""
    wish = Wish(
        thing=look.thing,
        obj=look.obj,
        members=[Member(PAUSED, value=True)],
        facets=("paused",),
        title=f"pause {look.thing.subject}",
        effect=_EFFECT[look.thing.kind],
        undo_title=f"resume {look.thing.subject}",
        undo_effect="changes that were made meanwhile roll out now",
        phase=Phase.HOLD,
    )
    made = cluster.step(CONTROL, wish, workload_state)
    # Workloads were the last to be frozen, so they are the first to be resumed.
    return replace(made, inverse=made.inverse and replace(made.inverse, phase=Phase.LIFT))


def lift_and_hold(cluster: Cluster, look: Look, goal: str, back: str) -> tuple[Step, Step]:
    """Resume a paused workload for a rollback, and pause it again once its pods are through.

    ``goal`` and ``back`` are the digests of the pod template after the rollback and after its undo: a pause
    belongs to one of them, so that nobody takes the pause of the one for that of the other.
    """
    name = look.thing.subject
    resumed = [Member(PAUSED, None)]
    wish = Wish(
        thing=look.thing,
        obj=look.obj,
        members=resumed,
        facets=("paused", "template"),
        title=f"resume {name} for the rollback",
        effect="a paused workload rolls nothing back",
        undo_title=f"pause {name} again",
        undo_effect="frozen as before, once its pods are through",
        phase=Phase.LIFT,
    )
    lift = cluster.step(CONTROL, wish, workload_state)
    again = replace(
        pause(cluster, look._replace(obj=placed(look.obj, resumed))),
        title=f"pause {name} again",
        effect="frozen as before; waits until the pods are through, as a pause would stop them half-way",
    )
    inverse = lift.inverse and _patient(_with_template(lift.inverse, back), look)
    hold = _patient(_with_template(again, goal), look)
    hold = replace(hold, inverse=again.inverse and _with_template(again.inverse, goal))
    return replace(lift, inverse=inverse), hold


def _with_template(step: Step, template: str) -> Step:
    before, after = (
        {**state, "template": template} if isinstance(state, dict) else state
        for state in (step.before, step.after)
    )
    return replace(step, before=before, after=after)


def patience_s(look: Look) -> float:
    """How long a rollout of the workload is waited for: its own deadline, and a minute."""
    return deadline_s(look.obj) + 60.0


def _patient(step: Step, look: Look) -> Step:
    return replace(step, change={**step.change, "after_rollout": True}, timeout_s=patience_s(look))
