"""What a fleet and a scenario file say, as frozen values; ``scenario.py`` reads and checks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """One version directory and what running it costs.

    An execution of n items keeps its instance busy for ``fixed_ms + item_ms × n``, times a
    log-normal jitter of ``sigma``, times the slow-down of its device. ``sm`` is the share of
    the GPU that a running execution uses, ``memory_mib`` what one instance holds there.
    ``fails`` is the reason with which loading ends, ``error_rate`` the share of executions
    that raise, ``hangs`` a load that never returns, ``cached`` the share of requests that a
    response cache has seen before.
    """

    fixed_ms: float = 1.0
    item_ms: float = 0.1
    sigma: float = 0.14
    sm: float = 0.5
    memory_mib: float = 500.0
    load_s: float = 1.3
    unload_s: float = 1.1
    error_rate: float = 0.0
    fails: str = ""
    hangs: bool = False
    cached: float = 0.0


@dataclass(frozen=True, slots=True)
class ObjectiveSpec:
    """The promise made for a model."""

    latency_ms: float
    quantile: float = 0.99
    availability: float = 0.999


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model: its traffic, its ``config.pbtxt`` as JSON and its version directories.

    ``rate`` is requests/s over the whole fleet, ``items`` the batch size of each, ``answer``
    how outputs follow from inputs (echo, double, plus_version), ``probe`` an infer body.
    """

    config: Mapping[str, Any]
    versions: Mapping[int, VersionSpec]
    rate: float = 0.0
    items: int = 1
    answer: str = "echo"
    loaded: bool = True
    objective: ObjectiveSpec | None = None
    probe: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class GpuSpec:
    """One GPU; ``memory_mib`` is what the driver calls total."""

    uuid: str
    node: str
    name: str = "NVIDIA L40S"
    pci: str = "00000000:01:00.0"
    memory_mib: float = 46068.0
    power_limit_w: float = 350.0
    idle_w: float = 36.0


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """One Triton process and its flags.

    ``gpu`` names an entry of the fleet's GPUs, empty for none. ``restricted`` are values of
    ``--http-restricted-api``. ``newer`` adds the metrics that Tritons after 2.51 have, ``cache`` a response cache.
    """

    name: str
    gpu: str = ""
    weight: float = 1.0
    mode: str = "explicit"
    summaries: bool = True
    newer: bool = False
    cache: bool = False
    strict_readiness: bool = True
    restricted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewaySpec:
    """How the gateway treats a request: ``retries`` after the first try, each within ``timeout_ms``.

    A standby region, which takes what a route's weights give it, answers after about ``standby_ms``.
    """

    timeout_ms: float = 1000.0
    retries: int = 1
    backoff_ms: float = 25.0
    network_ms: float = 0.4
    standby_ms: float = 25.0


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """The targets, models and devices that a scenario plays on."""

    targets: tuple[TargetSpec, ...]
    models: Mapping[str, ModelSpec]
    gpus: Mapping[str, GpuSpec] = field(default_factory=dict)
    gateway: GatewaySpec = GatewaySpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens ``at`` seconds of the scenario."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Event):
    """A version directory appears in the repository of the targets (all of them by default)."""

    model: str
    version: int
    spec: VersionSpec = VersionSpec()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Event):
    """A pipeline asks the targets to load a model."""

    model: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload(Event):
    """A pipeline asks the targets to unload a model."""

    model: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Event):
    """The traffic of a model becomes ``factor`` times its usual rate within ``over_s`` seconds."""

    model: str
    factor: float
    over_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant(Event):
    """Another process takes ``sm`` of a GPU (0-1) and ``memory_mib`` of its memory."""

    gpu: str
    sm: float = 0.0
    memory_mib: float = 0.0
    over_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak(Event):
    """A model's process starts to keep ``mib_per_s`` of GPU memory on the targets."""

    model: str
    mib_per_s: float
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KillStub(Event):
    """The stub process of one instance of a Python model dies."""

    model: str
    instance: int = 0
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash(Event):
    """A server process dies; it listens again after ``down_s``, with all counters at zero."""

    target: str
    down_s: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics(Event):
    """The metrics port of a target stops or starts to listen."""

    target: str
    listening: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Event):
    """A new gateway configuration for one route; None leaves a value as it was."""

    model: str
    timeout_ms: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A rehearsed incident. ``cause`` is the truth that triage should find; ``warm_s`` runs before second 0."""

    id: str
    title: str
    story: str
    cause: str
    fleet: FleetSpec
    events: tuple[Event, ...] = ()
    warm_s: float = 60.0
