"""Bringing a workload's pod template back from the ReplicaSet that keeps it, and waiting for its pods."""

import shlex
from collections.abc import Mapping
from dataclasses import replace

from console.controls.kubernetes.cluster import Cluster, Look
from console.controls.kubernetes.freeze import CONTROL, is_paused, lift_and_hold, patience_s
from console.domain.kubernetes import Thing, member
from console.domain.kubernetes_image import Workload, model_paths
from console.domain.kubernetes_workload import HASHES, TEMPLATE, Revision, digest, image_words, progress
from console.domain.plan import Phase, Step
from console.domain.states import Json
from console.transport.kubectl import MANAGER


def back(cluster: Cluster, look: Look, workload: Workload, goal: Revision) -> tuple[Step, ...]:
    """The steps of a rollback: resume if it is paused, the template, wait for the pods, pause again."""
    change = _template_step(cluster, look, workload, goal)
    wait = _wait_step(cluster, look, goal)
    if not is_paused(look):
        return change, wait
    now = workload.now
    was = now.digest if now else digest(member(look.obj, TEMPLATE))
    lift, hold = lift_and_hold(cluster, look, goal.digest, was)
    return lift, change, wait, hold


def cautions(look: Look) -> tuple[str, ...]:
    """What to know before pods are replaced."""
    name = look.thing.subject
    where = model_paths(look.obj)
    repository = f"the model repository {where}".rstrip()
    said = [
        f"THE IMAGE ALONE BRINGS NO MODEL BACK: {repository} is a mutable path, and the old image loads what lies there now",
        f"the pods of {name} start anew: models loaded by hand are gone until they are loaded again, sequences in flight end",
    ]
    how = progress(look.obj)
    if how.complete is not True and not is_paused(look):
        said.append(f"{name} is not at rest: {how.words}")
    if is_paused(look):
        said.append(
            f"{name} is paused: it is resumed and paused again; should its pods need more than "
            f"{patience_s(look) / 60:.0f} min, the plan ends before that and it stays resumed: freeze again then"
        )
    if look.thing.kind == "rollout":
        said.append(
            "a Rollout takes its canary steps back too, and waits at a pause until somebody promotes it, "
            "unless it returns to its stable ReplicaSet"
        )
    return tuple(said)


def _template_step(cluster: Cluster, look: Look, workload: Workload, goal: Revision) -> Step:
    was = digest(member(look.obj, TEMPLATE))
    now = workload.now
    made = _to_revision(cluster, look.thing, goal, was)
    if now is None:
        return replace(
            made, final="no ReplicaSet keeps the pod template of now, so nothing can bring it back"
        )
    inverse = replace(
        _to_revision(cluster, look.thing, now, goal.digest),
        change={**_source(now), "settle": True},
        timeout_s=patience_s(look),
    )
    return replace(made, inverse=inverse)


def _to_revision(cluster: Cluster, thing: Thing, goal: Revision, was: str) -> Step:
    before: Mapping[str, Json] = {"template": was}
    after: Mapping[str, Json] = {"template": goal.digest}
    undo = "kubectl rollout undo" if thing.kind == "deployment" else "kubectl argo rollouts undo"
    return Step(
        control=CONTROL,
        subject=thing.subject,
        title=f"take {thing.subject} to revision {goal.number}: {image_words(goal.images)}",
        call=_pipeline(cluster, thing, goal),
        before=before,
        after=after,
        effect=f"pods of that revision replace those of now, as with `{undo}`, and annotations stay as they are",
        change=_source(goal),
        timeout_s=60.0,
    )


def _source(goal: Revision) -> dict[str, Json]:
    return {"replicaset": goal.name, "template": goal.digest}


def _pipeline(cluster: Cluster, thing: Thing, goal: Revision) -> str:
    """The template never stands on a command line or in the journal: it may hold secrets."""
    hashes = ",".join(f'.metadata.labels["{each}"]' for each in HASHES)
    program = f'[{{op:"replace",path:"/spec/template",value:(.spec.template|del({hashes}))}}]'
    read = cluster.kubectl.command(
        "get", "replicasets.apps", goal.name, "-o", "json", namespace=thing.namespace
    )
    write = cluster.kubectl.command(
        *("patch", cluster.kubectl.resource(thing), thing.name, "--type=json", f"--field-manager={MANAGER}"),
        *("--patch-file", "/dev/stdin"),
        namespace=thing.namespace,
    )
    return " | ".join(shlex.join(each) for each in (read, ["jq", program], write))


def _wait_step(cluster: Cluster, look: Look, goal: Revision) -> Step:
    thing = look.thing
    deployment = ("rollout", "status", f"deployment/{thing.name}")
    watch = (
        deployment
        if thing.kind == "deployment"
        else ("get", cluster.kubectl.resource(thing), thing.name, "--watch")
    )
    return Step(
        control=CONTROL,
        subject=thing.subject,
        title=f"wait until the pods of {thing.subject} serve",
        call=shlex.join(cluster.kubectl.command(*watch, namespace=thing.namespace)),
        before={"template": goal.digest},
        after={"template": goal.digest, "rolled_out": True},
        effect="changes nothing: the rollout goes on by itself",
        change={"wait": True},
        phase=Phase.CHANGE,
        timeout_s=patience_s(look),
    )
