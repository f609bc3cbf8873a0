"""What one console watches, as frozen values: targets, objectives, probes, feeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from console.domain.secret import Secret
from console.domain.surfaces import Freeze, Gateway, Kubernetes


class ModelVersion(NamedTuple):
    """One version of one model: the unit that every table row is about."""

    model: str
    version: str

    @property
    def label(self) -> str:
        """``model/version``, or the model alone where there is no version."""
        return f"{self.model}/{self.version}" if self.version else self.model


class Confirm(StrEnum):
    """How an operator confirms a plan."""

    ENTER = "enter"
    TYPE = "type"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Target:
    """One Triton server process: base URL, metrics URL and gRPC address (host:port)."""

    name: str
    url: str
    metrics: str
    grpc: str | None = None

    @property
    def text(self) -> str:
        """The target as the command line takes it, its name included."""
        grpc = f",grpc={self.grpc}" if self.grpc else ""
        return f"{self.url},metrics={self.metrics}{grpc},name={self.name}"


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise: ``quantile`` of requests within ``latency_ms``, ``availability`` of them answered.

    ``period_days`` is the error budget's period.
    """

    latency_ms: float = 200.0
    quantile: float = 0.99
    availability: float = 0.999
    period_days: float = 30.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A synthetic inference that the console sends every ``every`` seconds.

    ``request`` is the JSON body of a v2 ``infer`` call. ``expect`` maps an output's name
    to its data; None expects only a successful answer. ``tolerance`` is absolute.
    """

    model: str
    request: Mapping[str, Any]
    every: float = 30.0
    timeout: float = 5.0
    version: str | None = None
    expect: Mapping[str, Any] | None = None
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class GpuFeeds:
    """Where GPU figures come from besides Triton's own gauges."""

    dcgm: tuple[str, ...] = ()
    nvml: bool = False


@dataclass(frozen=True, slots=True)
class FlightRecorder:
    """What the console keeps of every watch, in the state folder: the last ``seconds``, in at most ``bytes``."""

    on: bool = True
    seconds: float = 7200.0
    bytes: int = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Tls:
    """How a server's certificate is checked; ``ca`` is a PEM file's path."""

    verify: bool = True
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything the settings say about one fleet.

    ``refresh`` is seconds between polls. ``objectives`` are (glob over model names,
    objective) with the most specific first. ``state`` is the folder for journal, releases and lock.
    ``gateway_metrics`` is the URL of the gateway's own metrics (empty: as its kind has them).
    ``prometheus`` and ``alertmanager`` are base URLs, ``runbooks`` a folder of the team's own.
    After ``good_after_s`` of quiet a release is called good; None leaves that to people.
    """

    name: str = "default"
    targets: tuple[Target, ...] = ()
    headers: Mapping[str, Secret] = field(default_factory=dict)
    refresh: float = 1.0
    read_only: bool = False
    confirm: Confirm = Confirm.TYPE
    repository: str | None = None
    tls: Tls = Tls()
    gpu: GpuFeeds = GpuFeeds()
    objectives: tuple[tuple[str, Objective], ...] = ()
    default_objective: Objective = Objective()
    probes: tuple[Probe, ...] = ()
    gateway: Gateway | None = None
    gateway_metrics: str = ""
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    freeze: Freeze = field(default_factory=Freeze)
    state: str = ""
    good_after_s: float | None = None
    prometheus: str = ""
    alertmanager: str = ""
    runbooks: str = ""
    flight: FlightRecorder = FlightRecorder()

    def objective(self, model: str) -> Objective:
        """Objective of a model: the first matching glob, else the default."""
        for pattern, objective in self.objectives:
            if fnmatchcase(model, pattern):
                return objective
        return self.default_objective
