"""The pods that carry a fleet's labels, through kubectl."""

import re

import msgspec

from console.domain.fleet import Fleet
from console.domain.found import Found
from console.domain.instant import instant
from console.domain.kubernetes_refusal import Refusal, Why
from console.domain.pods import Pod, Trouble, found_pods
from console.ports import Clock
from console.transport.kubectl import Kubectl, KubectlError

_SCRAPE_PORT = "prometheus.io/port"
_LACKING = re.compile(r"Insufficient [A-Za-z0-9./_-]{0,100}[A-Za-z0-9]")
_BEGINNING = {"ContainerCreating", "PodInitializing"}


class _Struct(msgspec.Struct, rename="camel"):
    """What is read of an object; everything else is skipped without being made."""


class _Meta(_Struct):
    name: str = ""
    namespace: str = ""
    annotations: dict[str, str] | None = None
    deletion_timestamp: str | None = None


class _Port(_Struct):
    name: str = ""
    container_port: int = 0


class _Container(_Struct):
    ports: list[_Port] | None = None


class _Spec(_Struct):
    node_name: str = ""
    containers: list[_Container] | None = None


class _Condition(_Struct):
    type: str = ""
    status: str = ""
    message: str = ""


class _State(_Struct):
    reason: str = ""
    exit_code: int = 0
    finished_at: str | None = None


class _States(_Struct):
    waiting: _State | None = None
    terminated: _State | None = None


class _ContainerStatus(_Struct):
    restart_count: int = 0
    state: _States | None = None
    last_state: _States | None = None


class _Status(_Struct):
    phase: str = ""
    reason: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: list[_Condition] | None = None
    container_statuses: list[_ContainerStatus] | None = None


class _Pod(_Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class _List(_Struct):
    items: list[_Pod] | None


class Pods:
    """Looks up the fleet's pods: one call of kubectl."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._wanted = fleet.discovery
        self._namespace = fleet.discovery.namespace or fleet.kubernetes.namespace
        self._kubectl = Kubectl(fleet.kubernetes)
        self._clock = clock

    @property
    def asked(self) -> str:
        """What is looked for, in words."""
        where = f" in {self._namespace}" if self._namespace else ""
        return f"pods with {self._wanted.kubernetes}{where}"

    async def look(self) -> Found:
        """The pods as targets; raises KubectlError."""
        printed = await self._kubectl.selected("pods", self._namespace, self._wanted.kubernetes)
        try:
            items = msgspec.json.decode(printed, type=_List).items or []
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            refusal = Refusal(Why.OTHER, "kubectl printed no list of pods", "is this kubectl?")
            raise KubectlError(refusal) from error
        found = found_pods([_read(item) for item in items], self._wanted, self._clock.now())
        return found if items else found._replace(notes=(f"there are no {self.asked}",))


def _read(item: _Pod) -> Pod:
    meta, spec, status = item.metadata, item.spec, item.status
    containers = spec.containers or []
    named = {port.name: port.container_port for each in containers for port in each.ports or [] if port.name}
    unscheduled = [each for each in status.conditions or [] if each.type == "PodScheduled"]
    return Pod(
        name=meta.name,
        namespace=meta.namespace,
        phase=status.phase,
        address=status.pod_ip,
        node=spec.node_name,
        terminating=meta.deletion_timestamp is not None,
        ports=named,
        scrape=(meta.annotations or {}).get(_SCRAPE_PORT, ""),
        blocked=next((_blocked(each.message) for each in unscheduled if each.status == "False"), ""),
        reason=status.reason,
        trouble=_trouble(status.container_statuses or []),
    )


def _blocked(message: str) -> str:
    """What no node has, else all that the scheduler says."""
    return ", ".join(dict.fromkeys(_LACKING.findall(message))) or message


def _trouble(containers: list[_ContainerStatus]) -> Trouble:
    """That of the container that was begun again most often; one that waits comes first."""
    found = [_of_one(each) for each in containers]
    return max(found, key=lambda each: (bool(each.waiting), each.restarts), default=Trouble())


def _of_one(container: _ContainerStatus) -> Trouble:
    waiting = container.state.waiting if container.state is not None else None
    now = container.state.terminated if container.state is not None else None
    last = now or (container.last_state.terminated if container.last_state is not None else None)
    why = waiting.reason if waiting is not None else ""
    ended = f"{last.reason or 'without a reason'} (exit {last.exit_code})" if last is not None else ""
    at = instant(last.finished_at) if last is not None else None
    return Trouble("" if why in _BEGINNING else why, container.restart_count, ended, at)
