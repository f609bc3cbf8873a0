"""What one version did in the display window."""

from typing import NamedTuple

from console.domain.families import COUNTED_FAILURES, FAILURES, GROWING, F
from console.domain.ledger import Window


class Flow(NamedTuple):
    """One version's sums by growing family, and the seconds of the window it was observed in."""

    sums: tuple[float, ...]
    seconds: float

    @classmethod
    def of(cls, window: Window, row: int) -> "Flow":
        """The flow of one row of a window."""
        if row >= len(window.seconds):
            return cls((0.0,) * GROWING, 0.0)
        return cls(tuple(window.sums[:, row].tolist()), float(window.seconds[row]))

    @property
    def failed(self) -> float:
        """Failed requests of every reason."""
        return sum(self.sums[f] for f in FAILURES.values())

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked of it."""
        return self.sums[F.SUCCESS] + self.failed <= 0 and self.sums[F.EXECUTIONS] <= 0

    @property
    def rate(self) -> float | None:
        """Counted requests per second."""
        return (self.sums[F.SUCCESS] + self.failed) / self.seconds if self.seconds > 0 else None

    @property
    def error_ratio(self) -> float | None:
        """Share of requests that failed, cancelled ones left out."""
        counted = sum(self.sums[f] for f in COUNTED_FAILURES)
        total = self.sums[F.SUCCESS] + counted
        return counted / total if total > 0 else None

    @property
    def errors(self) -> dict[str, float]:
        """Failed requests by reason."""
        return {name: self.sums[f] for name, f in FAILURES.items() if self.sums[f] > 0}

    @property
    def hit_ratio(self) -> float | None:
        """Share of look-ups that the response cache answered."""
        looked = self.sums[F.CACHE_HITS] + self.sums[F.CACHE_MISSES]
        return self.sums[F.CACHE_HITS] / looked if looked > 0 else None

    def ratio(self, over: F, under: F) -> float | None:
        """One sum over another, None over nothing."""
        return self.sums[over] / self.sums[under] if self.sums[under] > 0 else None

    def per_success(self, family: F) -> float | None:
        """A sum per successful request: durations grow with successes only."""
        return self.ratio(family, F.SUCCESS)
