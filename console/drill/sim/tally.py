"""What a model version has counted, and the metric series that outlive a reload."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from console.drill.sim.window import Window

REASONS = ("REJECTED", "CANCELED", "BACKEND", "OTHER")
FAMILIES = ("request", "queue", "compute_input", "compute_infer", "compute_output")
CACHE_FAMILIES = ("cache_hit", "cache_miss")

# Upper bounds of Triton's default first-response histogram, ms.
FIRST_RESPONSE_MS = (100, 500, 2000, 5000)


@dataclass(slots=True)
class BatchTally:
    """Executions of one batch size; durations in seconds."""

    executions: int = 0
    input_s: float = 0.0
    infer_s: float = 0.0
    output_s: float = 0.0


@dataclass(slots=True)
class Tally:
    """Counters of one loaded instance of a version, as ``/v2/models/stats`` gives them; durations in seconds.

    ``last`` is the second of the newest inference, None before the first.
    """

    success: int = 0
    failure: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))
    failure_s: float = 0.0
    inferences: int = 0
    executions: int = 0
    request_s: float = 0.0
    queue_s: float = 0.0
    input_s: float = 0.0
    infer_s: float = 0.0
    output_s: float = 0.0
    cache_hits: int = 0
    cache_hit_s: float = 0.0
    cache_misses: int = 0
    cache_miss_s: float = 0.0
    last: float | None = None
    batches: dict[int, BatchTally] = field(default_factory=dict)

    @property
    def computed(self) -> int:
        """Successful requests that no cache answered."""
        return self.success - self.cache_hits

    def batch(self, size: int) -> BatchTally:
        """The row of a batch size."""
        row = self.batches.get(size)
        if row is None:
            row = self.batches[size] = BatchTally()
        return row


class Series:
    """The metric series of one model version on one server.

    A reload over a serving version starts a new ``Tally`` while the series go on; an unload
    takes them away, except the failures, which stay for ever.
    """

    def __init__(self) -> None:
        self.shown = False
        self.tallies: list[Tally] = []
        self.windows = {family: Window() for family in FAMILIES + CACHE_FAMILIES}
        self.first_response = np.zeros(len(FIRST_RESPONSE_MS) + 1, int)
        self.first_response_ms = 0.0
        self.load_s = 0.0
        self._past_failures = dict.fromkeys(REASONS, 0)

    def open(self) -> Tally:
        """Begin a loaded instance's counters."""
        tally = Tally()
        self.tallies.append(tally)
        self.shown = True
        return tally

    def close(self) -> None:
        """Take the series away, as an unload does; failures stay."""
        self._past_failures = self.failures()
        self.tallies = []
        self.windows = {family: Window() for family in FAMILIES + CACHE_FAMILIES}
        self.first_response[:] = 0
        self.first_response_ms = 0.0
        self.shown = False

    def respond(self, seconds: Sequence[float]) -> None:
        """Put the durations of answered requests into the first-response histogram."""
        milliseconds = np.asarray(seconds) * 1e3
        buckets = np.searchsorted(FIRST_RESPONSE_MS, milliseconds)
        self.first_response += np.bincount(buckets, minlength=len(self.first_response))
        self.first_response_ms += float(milliseconds.sum())

    def failures(self) -> dict[str, int]:
        """Failures by reason since the server started."""
        return {
            reason: self._past_failures[reason] + sum(tally.failure[reason] for tally in self.tallies)
            for reason in REASONS
        }

    def total(self, counter: str) -> float:
        """Sum of one counter of ``Tally`` over the instances that these series cover."""
        total: float = sum(getattr(tally, counter) for tally in self.tallies)
        return total
