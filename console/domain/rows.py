"""The rows of a snapshot: targets, model versions, replicas."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from console.domain.basis import Basis, Missing
from console.domain.failure import Failure
from console.domain.fleet import ModelVersion, Objective
from console.domain.probe import ProbeSummary
from console.domain.triton import ControlMode, HostGauges, ServerInfo, State
from console.domain.versions import SCRAPED


class Warn(NamedTuple):
    """Something that a number or a state does not say: a stable id, a sentence, and what to do.

    ``note`` marks a standing remark about how to read the figures; the others are findings.
    """

    id: str
    text: str
    hint: str = ""
    note: bool = False


class TargetRow(NamedTuple):
    """One Triton server as last seen; ``up`` means it answered within the last polls."""

    name: str
    url: str
    up: bool
    live: bool | None
    ready: bool | None
    server: ServerInfo | None
    mode: ControlMode
    mode_note: str
    host: HostGauges
    poll_ms: float | None
    age_s: float | None
    stale: bool
    failures: tuple[Failure, ...]
    broken_lines: int
    warnings: tuple[Warn, ...]
    gpus: tuple[str, ...] = ()
    """UUIDs of the GPUs that the server itself sees."""
    found: bool = False
    """Whether it was found and may be taken away on purpose, as pods are."""

    @property
    def error(self) -> str | None:
        """The first failure in words, or None."""
        return self.failures[0].message if self.failures else None


class StateChange(NamedTuple):
    """One entry of the history of a version's state on one target."""

    at: float
    target: str
    state: State
    reason: str


class Percentiles(NamedTuple):
    """Latency percentiles in ms that the basis allows; ``target`` is the one they are of, empty when merged.

    ``bounds`` gives the bucket (low, high) that holds p99 for a histogram.
    ``median_p99`` is the median target's p99 where several targets report.
    """

    basis: Basis
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    target: str = ""
    median_p99: float | None = None
    bounds: tuple[float, float] | None = None


class Slo(NamedTuple):
    """How one version stands against its objective.

    ``burn`` maps a window (``5m`` …) to its burn rate, None where that window does not
    exist yet; ``observed_s`` is how much of it was seen. ``ratio`` is the objective's
    quantile over the threshold. ``spent`` is the share of the period's error budget
    burnt while the console watched; ``budget_left`` stays None until the whole period is known.
    ``requests`` are those that each window's burn is of.
    """

    objective: Objective
    ratio: float | None
    burn: Mapping[str, float | None]
    observed_s: float
    spent: float | None
    budget_left: float | None = None
    requests: Mapping[str, float] = {}


class ModelRow(NamedTuple):
    """One version of one model over the fleet, averaged over the last ``window_s`` seconds.

    ``rate`` is counted requests per second, ``errors`` failed requests in the window by
    reason, durations ms per successful request, ``executions`` per second, ``batch`` inferences per execution,
    ``batches`` executions per batch size since the statistics before. ``missing`` says why
    the flow figures are unknown, ``latency_missing`` why there are no percentiles.
    """

    key: ModelVersion
    state: State
    reason: str
    since: float
    ready: int
    targets: tuple[str, ...]
    reporting: int
    window_s: float
    rate: float | None
    error_ratio: float | None
    errors: Mapping[str, float]
    mean_ms: float | None
    percentiles: Percentiles | None
    queue_ms: float | None
    input_ms: float | None
    infer_ms: float | None
    output_ms: float | None
    executions: float | None
    batch: float | None
    batches: Mapping[int, int]
    pending: float | None
    hit_ratio: float | None
    load_s: float | None
    slo: Slo
    probes: tuple[ProbeSummary, ...]
    warnings: tuple[Warn, ...]
    age_s: float | None
    stale: bool
    missing: Missing | None
    latency_missing: Missing | None
    source: str

    @property
    def model(self) -> str:
        """The model's name."""
        return self.key.model

    @property
    def version(self) -> str:
        """The version's number as text."""
        return self.key.version

    @property
    def scraped(self) -> bool:
        """Whether it is known by Prometheus's counters alone: it serves, as far as they tell, and its state is unknown."""
        return self.state is State.UNKNOWN and self.reason == SCRAPED

    @property
    def compute_ms(self) -> float | None:
        """Input, infer and output together, ms per successful request."""
        parts = (self.input_ms, self.infer_ms, self.output_ms)
        known = [p for p in parts if p is not None]
        return sum(known) if len(known) == len(parts) else None


class ReplicaRow(NamedTuple):
    """One version on one target, newest poll; the same units as ModelRow."""

    target: str
    key: ModelVersion
    state: State
    reason: str
    rate: float | None
    error_ratio: float | None
    mean_ms: float | None
    p99_ms: float | None
    queue_ms: float | None
    infer_ms: float | None
    pending: float | None
    age_s: float | None
    stale: bool

    @property
    def scraped(self) -> bool:
        """Whether it is known by Prometheus's counters alone."""
        return self.state is State.UNKNOWN and self.reason == SCRAPED


class LoadRow(NamedTuple):
    """What one target carries of one model, or of all: newest poll, the units of ModelRow.

    ``worst`` is the version that ``p99_ms`` is of, the highest of all that report one; ``serving`` are those that are
    ready there.
    """

    target: str
    rate: float | None = None
    error_ratio: float | None = None
    mean_ms: float | None = None
    p99_ms: float | None = None
    worst: ModelVersion | None = None
    queue_ms: float | None = None
    pending: float | None = None
    serving: tuple[ModelVersion, ...] = ()


class Lifetime(NamedTuple):
    """A version's counters from its load to the first look (epoch seconds): requests, ``failed`` among them, and means in ms.

    ``batch`` is inferences per execution, ``items`` inferences per request.
    """

    at: float
    requests: float
    failed: float
    mean_ms: float | None
    queue_ms: float | None
    input_ms: float | None
    infer_ms: float | None
    output_ms: float | None
    batch: float | None
    items: float | None


class AlertState(StrEnum):
    """How serious an alert is by now; ``RECOVERING`` fires no more and is watched, ``ACCEPTABLE`` is over."""

    PAGE = "page"
    TICKET = "ticket"
    RECOVERING = "recovering"
    ACCEPTABLE = "acceptable"


class Alert(NamedTuple):
    """A promise broken or about to be: severity ``page`` or ``ticket``, since when, and the evidence in words.

    ``model`` is whose promise it is, where it is one model's. ``note`` silences it: why, and by whom.
    """

    id: str
    severity: str
    subject: str
    since: float
    message: str
    evidence: str
    state: AlertState = AlertState.TICKET
    model: str = ""
    target: str = ""
    note: str = ""
