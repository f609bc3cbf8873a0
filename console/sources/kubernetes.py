"""What runs Triton in a cluster, through kubectl: its revision, its images, and since when."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from console.domain.around import WorkloadReading
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.kubernetes import Thing, thing
from console.domain.kubernetes_refusal import Why
from console.domain.kubernetes_rollout import workload_reading
from console.domain.kubernetes_workload import numbered, selector
from console.ports import Clock, Source
from console.transport.kit import Kit
from console.transport.kubectl import Kubectl, KubectlError

EVERY_S = 15.0
KINDS = ("deployment", "rollout")
# Two calls of kubectl, each of which gives up by itself first.
_TIMEOUT_S = 14.0
# A look starts a process: two for one picture are one.
_FRESH_S = 5.0
_PART = "kubernetes"
_FAILURES = {
    Why.FORBIDDEN: FailureKind.FORBIDDEN,
    Why.LOGIN: FailureKind.FORBIDDEN,
    Why.UNREACHABLE: FailureKind.UNREACHABLE,
    Why.TIMEOUT: FailureKind.TIMEOUT,
}


class _Sets(NamedTuple):
    """The workload's ReplicaSets at one state of it, or why they cannot be read."""

    state: tuple[Any, ...]
    found: Sequence[Mapping[str, Any]]
    problem: str = ""


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source where the settings name the workload."""
    return [WorkloadSource(fleet, kit.clock)] if fleet.kubernetes.workload else []


class WorkloadSource:
    """Looks at the workload; its ReplicaSets are listed only when it has changed."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self.name = _PART
        self.target: str | None = None
        self.every = EVERY_S
        self.timeout = _TIMEOUT_S
        self._settings = fleet.kubernetes
        self._kubectl = Kubectl(fleet.kubernetes)
        self._clock = clock
        self._sets: _Sets | None = None
        self._last: tuple[float, WorkloadReading | Failure] | None = None

    async def poll(self) -> WorkloadReading:
        """The workload now; SourceError with what to do where it cannot be read."""
        now = self._clock.monotonic()
        if self._last is None or now - self._last[0] >= _FRESH_S:
            self._last = now, await self._looked()
        found = self._last[1]
        if isinstance(found, Failure):
            raise SourceError(found)
        return found

    async def close(self) -> None:
        """Nothing to release: kubectl ends with each call."""

    async def _looked(self) -> WorkloadReading | Failure:
        try:
            workload = thing(self._settings.workload, KINDS, self._settings.namespace)
            return await self._look(workload)
        except KubectlError as error:
            kind = _FAILURES.get(error.why, FailureKind.STATUS)
            return Failure(kind, _PART, f"{_PART}: {error}", error.hint)
        except ValueError as error:
            return Failure(FailureKind.STATUS, _PART, f"{_PART}: {error}", "correct kubernetes.workload")

    async def _look(self, workload: Thing) -> WorkloadReading:
        obj = await self._kubectl.get(workload)
        sets = await self._replicasets(workload, obj)
        reading = workload_reading(workload, obj, sets.found)
        command = self._kubectl.command(
            "get", workload.resource, workload.name, "-o", "yaml", namespace=workload.namespace
        )
        notes = (*reading.notes, sets.problem) if sets.problem else reading.notes
        return reading._replace(query=shlex.join(command), at=self._clock.now(), notes=notes)

    async def _replicasets(self, workload: Thing, obj: Mapping[str, Any]) -> _Sets:
        meta = obj.get("metadata")
        state = (numbered(obj), meta.get("uid"), meta.get("generation")) if isinstance(meta, Mapping) else ()
        if self._sets is not None and self._sets.state == state and not self._sets.problem:
            return self._sets
        try:
            found = await self._kubectl.items("replicasets.apps", workload.namespace, selector(obj))
            self._sets = _Sets(state, found)
        except KubectlError as error:
            said = f"{workload.subject}: since when it runs this is unknown: {error}"
            self._sets = _Sets(state, (), f"{said} ({error.hint})" if error.hint else said)
        return self._sets
