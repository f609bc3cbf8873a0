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
    """One Triton server process: base URL, metrics URL and gRPC address (host:port).

    ``namespace``, ``pod`` and ``node`` are where it runs, as far as a discovery tells. ``scraped`` is not one server
    but a group of them, seen through Prometheus: ``url`` is Prometheus's own then, and nothing is asked of it.
    """

    name: str
    url: str
    metrics: str
    grpc: str | None = None
    namespace: str = ""
    pod: str = ""
    node: str = ""
    scraped: bool = False

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
class Access:
    """What a Prometheus wants to see of whoever asks: headers, credentials among them, and how its certificate is checked.

    ``tls`` is None where it is as for the fleet's servers.
    """

    headers: Mapping[str, Secret] = field(default_factory=dict)
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where the fleet's servers are looked up, every so many seconds; empty texts look nowhere.

    ``kubernetes`` is a label selector of pods, in ``namespace`` (empty: as kubectl has it). ``prometheus`` is a PromQL
    selector without its braces of what the fleet's Prometheus scrapes. A server found has these ports.
    """

    kubernetes: str = ""
    namespace: str = ""
    prometheus: str = ""
    port: int = 8000
    metrics_port: int = 8002
    grpc_port: int = 8001
    every: float = 15.0

    def __bool__(self) -> bool:
        return bool(self.kubernetes or self.prometheus)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything the settings say about one fleet.

    ``refresh`` is seconds between polls. ``objectives`` are (glob over model names,
    objective) with the most specific first. ``state`` is the folder for journal, releases and lock.
    ``gateway_metrics`` is the URL of the gateway's own metrics (empty: as its kind has them).
    ``prometheus`` and ``alertmanager`` are base URLs, ``runbooks`` a folder of the team's own.
    After ``good_after_s`` of quiet a release is called good; None leaves that to people.
    ``prometheus_access`` is how that Prometheus is asked. A fleet ``through_prometheus`` is seen there alone: of what
    ``selector`` (PromQL, without its braces) picks, grouped ``by`` labels. ``contracts`` is a folder of the models' contracts.
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
    prometheus_access: Access = field(default_factory=Access)
    through_prometheus: bool = False
    selector: str = ""
    by: tuple[str, ...] = ()
    discovery: Discovery = Discovery()
    contracts: str = ""

    @property
    def unfolding(self) -> bool:
        """Whether its targets are found while it is watched."""
        return self.through_prometheus or bool(self.discovery)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that its settings hold."""
        tables = (self.headers, self.freeze.headers, self.prometheus_access.headers)
        return tuple(secret for table in tables for secret in table.values())

    def objective(self, model: str) -> Objective:
        """Objective of a model: the first matching glob, else the default."""
        for pattern, objective in self.objectives:
            if fnmatchcase(model, pattern):
                return objective
        return self.default_objective
