"""What one poll of a Triton server says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from console.domain.config import ModelConfig
from console.domain.failure import Failure
from console.domain.fleet import ModelVersion
from console.domain.gpu import GpuSample

if TYPE_CHECKING:
    from console.domain.counters import Counters


class ControlMode(StrEnum):
    """How a server lets models be loaded; ``none`` and ``poll`` look alike over HTTP."""

    EXPLICIT = "explicit"
    NONE = "none"
    POLL = "poll"
    NONE_OR_POLL = "none_or_poll"
    UNKNOWN = "unknown"


class State(StrEnum):
    """State of one model version; ``ABSENT`` was never loaded, ``UNKNOWN`` is not one of Triton's."""

    READY = "READY"
    LOADING = "LOADING"
    UNLOADING = "UNLOADING"
    UNAVAILABLE = "UNAVAILABLE"
    ABSENT = "ABSENT"
    UNKNOWN = "UNKNOWN"


class IndexEntry(NamedTuple):
    """One row of the repository index; ``version`` is empty for a model never loaded."""

    model: str
    version: str
    state: State
    reason: str = ""


class VersionStatistics(NamedTuple):
    """Cumulative statistics of one version, as ``/v2/models/stats`` gives them.

    Durations are ms. ``batches`` maps a batch size to its executions.
    """

    key: ModelVersion
    last_inference_ms: int
    inferences: int
    executions: int
    successes: int
    failures: int
    request_ms: float
    queue_ms: float
    input_ms: float
    infer_ms: float
    output_ms: float
    cache_hits: int
    cache_misses: int
    batches: Mapping[int, int]


class ServerInfo(NamedTuple):
    """Server metadata."""

    name: str
    version: str
    extensions: tuple[str, ...]


class HostGauges(NamedTuple):
    """The host as Triton reports it; utilisation 0-1, memory bytes."""

    cpu_utilization: float | None = None
    memory_used_bytes: float | None = None
    memory_total_bytes: float | None = None


_NO_GAUGES = HostGauges()


class Histogram(NamedTuple):
    """A cumulative histogram: upper bounds in ms (the last is inf) and counts up to each."""

    bounds_ms: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TritonReading:
    """One poll of one server; a part that failed is None and named in ``failures``.

    ``index`` and ``statistics`` are the same object as in the last reading while the
    server's answer did not change; ``statistics_at`` and ``counters_at`` are
    when they were read (monotonic seconds). ``configs`` holds the known config of each model
    by name. ``mode_note`` says how the control mode is known, or why not.
    """

    live: bool | None = None
    ready: bool | None = None
    server: ServerInfo | None = None
    mode: ControlMode = ControlMode.UNKNOWN
    mode_note: str = ""
    index: tuple[IndexEntry, ...] | None = None
    statistics: tuple[VersionStatistics, ...] | None = None
    statistics_at: float | None = None
    configs: Mapping[str, ModelConfig] | None = None
    counters: "Counters | None" = None
    counters_at: float | None = None
    histograms: Mapping[ModelVersion, Histogram] | None = None
    gpus: tuple[GpuSample, ...] = ()
    host: HostGauges = _NO_GAUGES
    broken_lines: int = 0
    failures: tuple[Failure, ...] = ()
