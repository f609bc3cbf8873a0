"""One gateway route from look to look: its counters made into figures of the last seconds."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from console.domain.around import RouteCounters
from console.domain.basis import Basis
from console.domain.histogram import growth, quantile
from console.domain.triton import Histogram

RATE_WINDOW_S = 10.0
HISTOGRAM_WINDOW_S = 60.0


class Figures(NamedTuple):
    """A route over the last seconds; the units of ``RouteRow``."""

    rate: float | None = None
    retries: float | None = None
    timeouts: float | None = None
    failed: float | None = None
    rejected: float | None = None
    connect_failures: float | None = None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    queue_ms: float | None = None
    connect_ms: float | None = None
    queued: float | None = None


class _Look(NamedTuple):
    mono: float
    counters: RouteCounters


class RouteMeter:
    """The looks at one route within the histogram's window, and what they say; ``weights`` are the last known."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque()
        self.figures = Figures()
        self.weights: Mapping[str, float] = {}
        self.basis = Basis.MEAN

    @property
    def newest(self) -> RouteCounters | None:
        """The newest counters; None before any."""
        return self._looks[-1].counters if self._looks else None

    def went_back(self, counters: RouteCounters) -> bool:
        """Whether these counters are behind the newest ones, so that they began anew in between."""
        before = self.newest
        if before is None:
            return False
        pairs = ((_get(before), _get(counters)) for _get in _PRIMARY)
        return any(old is not None and new is not None and new < old for old, new in pairs)

    def take(self, counters: RouteCounters, mono: float, *, anew: bool) -> None:
        """Remember one look; ``anew`` when nothing before it may be compared with it."""
        if anew:
            self._looks.clear()
        self._looks.append(_Look(mono, counters))
        while len(self._looks) > 2 and self._looks[1].mono <= mono - HISTOGRAM_WINDOW_S:
            self._looks.popleft()
        self.weights = counters.weights or self.weights
        self.basis = _basis(counters)
        self.figures = self._figures()

    def _before(self, seconds: float) -> _Look | None:
        """The newest look that is at least so old, else the oldest one."""
        newest = self._looks[-1]
        older = [look for look in self._looks if look is not newest]
        enough = [look for look in older if look.mono <= newest.mono - seconds]
        return enough[-1] if enough else older[0] if older else None

    def _figures(self) -> Figures:
        newest, last = self._looks[-1], self._before(RATE_WINDOW_S)
        long = self._before(HISTOGRAM_WINDOW_S)
        if last is None or long is None or newest.mono <= last.mono:
            return Figures(queued=newest.counters.queued)
        after, seconds = newest.counters, newest.mono - last.mono
        tries, retries = (grown(last.counters, after, field) for field in ("tries", "retries"))
        rates = {
            field: _per_second(grown(last.counters, after, field), seconds)
            for field in ("retries", "timeouts", "failed", "rejected", "connect_failures")
        }
        histogram, mean = _growth(long.counters, after), _mean(last.counters, after)
        return Figures(
            **rates,
            rate=_per_second(None if tries is None else max(0.0, tries - (retries or 0.0)), seconds),
            mean_ms=_mean(long.counters, after) if mean is None else mean,
            p50_ms=_quantile(histogram, 0.5),
            p99_ms=_quantile(histogram, 0.99),
            queue_ms=after.queue_ms if tries else None,
            connect_ms=_connect(long.counters, after)
            if after.connect_ms is None or not tries
            else after.connect_ms,
            queued=after.queued,
        )


def _counted(histogram: Histogram | None) -> float | None:
    return histogram.counts[-1] if histogram else None


# What only grows while a gateway lives; the others may be derived, and be a request or two behind.
_PRIMARY: tuple[Callable[[RouteCounters], float | None], ...] = (
    lambda counters: counters.tries,
    lambda counters: counters.total_ms,
    lambda counters: _counted(counters.histogram),
)


def grown(before: RouteCounters, after: RouteCounters, field: str) -> float | None:
    """How much one counter grew; None where either look lacks it."""
    old, new = getattr(before, field), getattr(after, field)
    return None if old is None or new is None else max(0.0, new - old)


def _per_second(count: float | None, seconds: float) -> float | None:
    return None if count is None else count / seconds


def _growth(before: RouteCounters, after: RouteCounters) -> Histogram | None:
    return growth(before.histogram, after.histogram) if after.histogram else None


def _quantile(histogram: Histogram | None, q: float) -> float | None:
    found = quantile(histogram, q) if histogram else None
    return found.value if found else None


def _mean(before: RouteCounters, after: RouteCounters) -> float | None:
    """What the counted requests took; the gateway's own mean only while it has requests."""
    took, histogram = grown(before, after, "total_ms"), _growth(before, after)
    count = _counted(histogram) if histogram else grown(before, after, "tries")
    if not count:
        return None
    return took / count if took is not None else after.average_ms


def _connect(before: RouteCounters, after: RouteCounters) -> float | None:
    took, count = grown(before, after, "connect_total_ms"), grown(before, after, "connects")
    return took / count if took is not None and count else None


def _basis(counters: RouteCounters) -> Basis:
    """A row with neither times nor a mean tells counts alone."""
    if counters.histogram is not None:
        return Basis.HISTOGRAM
    timed = counters.average_ms is not None or counters.total_ms is not None
    return Basis.MEAN if timed else Basis.COUNTER
