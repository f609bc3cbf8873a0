"""Deployments and Argo Rollouts through kubectl: frozen by a pause, and taken back to the pods they had."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from console.controls.kubernetes.cluster import Cluster, Look, members_of, troubles, words
from console.controls.kubernetes.freeze import CONTROL, freeze
from console.controls.kubernetes.undo import back, cautions
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.kubernetes import Member, Thing, member
from console.domain.kubernetes_image import Judgement, Workload, earlier, judged, remembered, return_to
from console.domain.kubernetes_workload import (
    TEMPLATE,
    current,
    digest,
    generation_seen,
    image_words,
    progress,
    revisions,
    running_digests,
    selector,
    stripped,
    workload_state,
)
from console.domain.plan import (
    ChangedError,
    ControlError,
    Part,
    PartName,
    Proposal,
    Standing,
    Step,
    StillRunningError,
)
from console.domain.situation import Captured, Situation
from console.domain.states import Json
from console.domain.triton import ControlMode
from console.ports import Clock, Control
from console.transport.kit import Kit

_KINDS = ("deployment", "rollout")
_LOOK_S = 1.0
_SEEN_S = 20.0
_MARGIN_S = 10.0


class Found(NamedTuple):
    """What a rollback was found to be about: the look, and the workload where it could be read."""

    look: Look
    workload: Workload | None


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """One control where the settings name a workload or something to pause."""
    wanted = fleet.kubernetes.workload or fleet.freeze.kubernetes
    return [KubernetesControl(fleet, kit.clock)] if wanted else []


class KubernetesControl(Control):
    """Pauses workloads, and takes the one that runs Triton back to the pod template of a known-good release."""

    name = CONTROL

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._cluster = Cluster(fleet)

    async def survey(self, action: Action, situation: Situation) -> object | None:  # noqa: ARG002 - the port's shape
        """Looks at what would be paused (a list), or at the workload (``Found``)."""
        if action.kind is ActionKind.FREEZE and self._fleet.freeze.kubernetes:
            return await self._cluster.looks(self._cluster.things(self._fleet.freeze.kubernetes, *_KINDS))
        if action.kind is ActionKind.ROLLBACK and self._fleet.kubernetes.workload:
            return await self._found()
        return None

    def propose(self, action: Action, situation: Situation, survey: list[Look] | Found) -> Proposal:
        """The pauses of a freeze, or the way back of the runtime image."""
        if isinstance(survey, Found):
            return self._rollback(action, situation, survey)
        return freeze(self._cluster, survey)

    async def read(self, step: Step) -> Json:
        """Paused or not, the template's digest, images, and whether the pods are through."""
        return workload_state(await self._cluster.kubectl.get(self._cluster.subject(step)))

    async def apply(self, step: Step) -> None:
        """Set the members, or the template, or wait."""
        if step.change.get("wait"):
            await self._rolled_out(step, patient=False)
        elif "replicaset" in step.change:
            await self._cluster.set(step, workload_state, [await self._template(step)], private=True)
            if step.change.get("settle"):
                await self._rolled_out(step, patient=False)
            else:
                await self._seen(step)
        else:
            if step.change.get("after_rollout"):
                await self._rolled_out(step, patient=True)
            await self._cluster.set(step, workload_state, members_of(step))

    async def capture(self, models: Sequence[str]) -> Captured:  # noqa: ARG002 - one workload serves them all
        """The images that run, with their digests where pods may be read."""
        if not self._fleet.kubernetes.workload:
            return Captured()
        found = await self._found()
        if found.workload is None:
            return Captured()
        return Captured(images={found.look.thing.subject: remembered(found.workload)})

    def _workload(self) -> Thing:
        return self._cluster.things([self._fleet.kubernetes.workload], *_KINDS)[0]

    async def _found(self) -> Found:
        thing = self._workload()
        look = await self._cluster.look(thing)
        if not look.obj:
            return Found(look, None)
        labels = selector(look.obj)
        kubectl = self._cluster.kubectl
        try:
            sets = await kubectl.items("replicasets.apps", thing.namespace, labels)
        except ControlError as error:
            problem = look.problem or f"{thing.subject}: its ReplicaSets cannot be read: {words(error)}"
            return Found(look._replace(problem=problem), None)
        known = revisions(look.obj, sets)
        try:
            pods = await kubectl.items("pods", thing.namespace, labels)
        except ControlError:
            # Pods are read for their image digests alone; without that right a tag stays unproven.
            pods = []
        running = running_digests(pods, current(look.obj, known))
        return Found(look, Workload(thing, look.obj, known, running))

    def _rollback(self, action: Action, situation: Situation, found: Found) -> Proposal:
        told = troubles([found.look])
        workload = found.workload
        if workload is None:
            return replace(told, parts=(Part(PartName.IMAGE, Standing.UNKNOWN, found.look.problem),))
        if "template" not in workload.obj.get("spec", {}):
            said = f"{found.look.thing.subject} takes its pods from elsewhere (workloadRef): name that as the workload"
            return replace(told, parts=(Part(PartName.IMAGE, Standing.UNKNOWN, said),))
        verdict = self._judged(action, situation, workload)
        goal = verdict.goal
        if goal is None:
            return replace(told, refusals=(), parts=(verdict.part,), warnings=verdict.warnings)
        if found.look.problem:
            detail = f"{verdict.part.detail}; {found.look.problem}"
            return replace(told, parts=(Part(PartName.IMAGE, Standing.UNKNOWN, detail),))
        return replace(
            told,
            steps=back(self._cluster, found.look, workload, goal),
            parts=(verdict.part,),
            warnings=(*verdict.warnings, *cautions(found.look)),
        )

    def _judged(self, action: Action, situation: Situation, workload: Workload) -> Judgement:
        release = situation.release
        known = release.images.get(workload.thing.subject) if release else None
        verdict = judged(workload, known)
        before = earlier(workload)
        if known is not None or before is None:
            return verdict
        if _only_pods(action, situation):
            guess = return_to(workload, before)
            said = "no known-good release says which image was good: this is the revision before"
            return guess._replace(warnings=(said, *guess.warnings))
        hint = f"the revision before, {before.number}, has {image_words(before.images)}"
        return verdict._replace(part=verdict.part._replace(detail=f"{verdict.part.detail}; {hint}"))

    async def _template(self, step: Step) -> Member:
        source = Thing("replicaset", str(step.change["replicaset"]), self._cluster.subject(step).namespace)
        template = stripped(member(await self._cluster.kubectl.get(source), TEMPLATE))
        if digest(template) != step.change["template"]:
            raise ChangedError(
                f"{source.subject} no longer keeps the pod template of the plan", digest(template)
            )
        return Member(TEMPLATE, template)

    async def _seen(self, step: Step) -> None:
        """Wait until the controller has taken up the change."""
        until = self._clock.monotonic() + _SEEN_S
        while generation_seen(await self._cluster.kubectl.get(self._cluster.subject(step))) is not True:
            if self._clock.monotonic() >= until:
                raise StillRunningError(
                    f"the template is set; no controller has taken it up in {_SEEN_S:.0f} s"
                )
            await self._clock.sleep(_LOOK_S)

    async def _rolled_out(self, step: Step, *, patient: bool) -> None:
        """Wait until all pods are of the newest template and serve; raises when they will not come by themselves."""
        subject = self._cluster.subject(step)
        began = self._clock.monotonic()
        while not (how := progress(await self._cluster.kubectl.get(subject))).complete:
            if how.failed:
                raise ControlError(f"{subject.subject}: {how.words}", "look at its pods")
            waited = self._clock.monotonic() - began
            if waited >= step.timeout_s - _MARGIN_S:
                said = f"{subject.subject} is not through: {how.words}"
                raise StillRunningError(
                    f"{said}; it is not paused, as that would stop it half-way" if patient else said
                )
            # Pods that load models take minutes: looked at less and less often.
            await self._clock.sleep(min(max(_LOOK_S, waited / 4), _MARGIN_S))


def _only_pods(action: Action, situation: Situation) -> bool:
    """Whether the servers take no loads, so that new pods are the only way back."""
    rows = [row for row in situation.snapshot.targets if not action.targets or row.name in action.targets]
    return bool(rows) and all(row.mode is ControlMode.NONE for row in rows)
