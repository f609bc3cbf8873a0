"""The immutable picture of a fleet at one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from console.domain.around import LinkRow, PagesReading, RouteRow, WorkloadReading
from console.domain.config import ModelConfig
from console.domain.contract import Held
from console.domain.drift import Drift
from console.domain.fleet import Fleet, ModelVersion
from console.domain.gpu import GpuRow
from console.domain.incident import Incident
from console.domain.lock import Lock
from console.domain.marker import Marker
from console.domain.prospect import PrometheusReading
from console.domain.recording import Playback, Recalled, Taping
from console.domain.rows import Alert, Lifetime, LoadRow, ModelRow, ReplicaRow, StateChange, TargetRow


class Points(NamedTuple):
    """A stretch of history: times (epoch seconds) and values, None where nothing is known."""

    at: Sequence[float]
    values: Sequence[float | None]


class History(Protocol):
    """The store's memory, read by the screens while they draw."""

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        """One column of one version over the last seconds.

        Columns: ``rate``, ``success``, ``failed``, ``rejected``, ``error_ratio``, ``mean_ms``, ``p50_ms``, ``p95_ms``,
        ``p99_ms``, ``queue_ms``, ``input_ms``, ``infer_ms``, ``output_ms``, ``batch``, ``pending``, ``executions``,
        ``inferences``.
        """
        ...

    def replica(self, target: str, key: ModelVersion, column: str, seconds: float) -> Points:
        """One column of one version on one target; the columns of ``model``, percentiles from summaries alone."""
        ...

    def lifetime(self, key: ModelVersion, target: str = "") -> Lifetime | None:
        """What a version's counters held when the console first saw them, on one target or over all.

        None where it was not serving then: its whole life is in the history.
        """
        ...

    def host(self, target: str, column: str, seconds: float) -> Points:
        """One column of one target: ``cpu_utilization`` (0-1), ``poll_ms``, ``dns_ms``, ``connect_ms``, ``tls_ms``."""
        ...

    def route(self, name: str, column: str, seconds: float) -> Points:
        """One column of one gateway route: the figures of ``RouteRow`` by name."""
        ...

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        """One column of one GPU, or of one slice of it: ``utilization``, ``sm_active``, ``memory_used_bytes``, ``power_w``, ``temperature_c``."""
        ...

    def states(self, key: ModelVersion) -> Sequence[StateChange]:
        """State and reason changes of one version on every target, oldest first."""
        ...

    def replicas(self, key: ModelVersion) -> Sequence[ReplicaRow]:
        """The version on each of its targets, by target name."""
        ...

    def loads(self, model: str = "") -> Sequence[LoadRow]:
        """What each target carries of a model (empty: of all of them), in the order of the targets."""
        ...

    def config(self, model: str) -> Mapping[str, ModelConfig]:
        """The model's config by target name."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything a screen or ``status`` shows, at one instant.

    ``at`` is epoch seconds, ``elapsed_s`` the time since the console began to watch.
    ``models`` are by name and version; ``markers`` oldest first; ``notes`` are
    fleet-wide remarks, such as a GPU source that is not available. ``frozen`` is the deploy lock that was
    last seen, expired or not; ``lock_unknown`` says why it cannot be read now. ``calm`` are
    alerts that fire no more and are watched still; ``pages`` is None where no Alertmanager is known.
    ``incident`` is the open one. ``taping`` is how the console records, ``playback`` how it plays a recording,
    ``recalled`` what of the history is from before the watch; None where it does not. ``fleet`` has the targets of
    then. ``prometheus`` is what a Prometheus tells beside its groups' figures, where the fleet is seen through one.
    ``contracts`` are those of the models by name, each with how it stands.
    """

    at: float
    sequence: int
    elapsed_s: float
    fleet: Fleet
    targets: tuple[TargetRow, ...]
    models: tuple[ModelRow, ...]
    gpus: tuple[GpuRow, ...]
    markers: tuple[Marker, ...]
    alerts: tuple[Alert, ...]
    notes: tuple[str, ...]
    history: History
    frozen: Lock | None = None
    lock_unknown: str = ""
    drifts: tuple[Drift, ...] = ()
    routes: tuple[RouteRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    workloads: tuple[WorkloadReading, ...] = ()
    pages: PagesReading | None = None
    calm: tuple[Alert, ...] = ()
    incident: Incident | None = None
    taping: Taping | None = None
    playback: Playback | None = None
    recalled: Recalled | None = None
    prometheus: PrometheusReading | None = None
    contracts: Mapping[str, Held] = field(default_factory=dict)

    @property
    def up(self) -> int:
        """How many targets answer."""
        return sum(1 for t in self.targets if t.up)

    @property
    def history_s(self) -> float:
        """How far back something is known, in seconds: as long as the watch, or longer where it was filled in."""
        before = 0.0 if self.recalled is None else self.at - self.recalled.since
        return max(self.elapsed_s, before)

    @property
    def unsilenced(self) -> tuple[Alert, ...]:
        """The alerts that fire and that nobody has silenced with a note."""
        return tuple(alert for alert in self.alerts if not alert.note)

    @property
    def oldest_s(self) -> float | None:
        """Age in seconds of the oldest target's newest data, None before any."""
        ages = [t.age_s for t in self.targets if t.age_s is not None]
        return max(ages) if ages else None
