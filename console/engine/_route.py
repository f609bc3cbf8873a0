"""One gateway route from look to look: its counters made into figures of the last seconds."""

from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice
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
        pairs = ((figure(before), figure(counters)) for figure in _PRIMARY)
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

    def _before(self, seconds: float, field: str) -> _Look | None:
        """The newest look before the last one that is at least so old and knows the field, else the oldest that does.

        A gateway may begin to count something only when it first happens.
        """
        limit, found = self._looks[-1].mono - seconds, None
        for look in islice(reversed(self._looks), 1, None):
            if getattr(look.counters, field) is not None:
                found = look
                if look.mono <= limit:
                    break
        return found

    def _rate(self, field: str) -> float | None:
        """How much a counter grew a second; None while that is unknown."""
        before, newest = self._before(RATE_WINDOW_S, field), self._looks[-1]
        if before is None or newest.mono <= before.mono:
            return None
        grew = _grown(before.counters, newest.counters, field)
        return None if grew is None else grew / (newest.mono - before.mono)

    def _growth(self, seconds: float) -> Histogram | None:
        before, after = self._before(seconds, "histogram"), self._looks[-1].counters.histogram
        return growth(before.counters.histogram, after) if before and after else None

    def _mean(self, seconds: float) -> float | None:
        """What the requests took; the gateway's own mean only while it has requests."""
        before, after = self._before(seconds, "tries"), self._looks[-1].counters
        if after.total_ms is None:
            return after.average_ms if before and _grown(before.counters, after, "tries") else None
        histogram = self._growth(seconds)
        timed = self._before(seconds, "histogram" if histogram else "total_ms")
        if timed is None:
            return None
        count = _counted(histogram) if histogram else _grown(timed.counters, after, "tries")
        took = _grown(timed.counters, after, "total_ms")
        return took / count if took is not None and count else None

    def _connect(self) -> float | None:
        before, after = self._before(HISTOGRAM_WINDOW_S, "connects"), self._looks[-1].counters
        if before is None:
            return None
        took, count = (_grown(before.counters, after, field) for field in ("connect_total_ms", "connects"))
        return took / count if took is not None and count else None

    def _figures(self) -> Figures:
        after = self._looks[-1].counters
        tries, retries = self._rate("tries"), self._rate("retries")
        histogram, mean = self._growth(HISTOGRAM_WINDOW_S), self._mean(RATE_WINDOW_S)
        return Figures(
            rate=None if tries is None else max(0.0, tries - (retries or 0.0)),
            retries=retries,
            timeouts=self._rate("timeouts"),
            failed=self._rate("failed"),
            rejected=self._rate("rejected"),
            connect_failures=self._rate("connect_failures"),
            mean_ms=self._mean(HISTOGRAM_WINDOW_S) if mean is None else mean,
            p50_ms=_quantile(histogram, 0.5),
            p99_ms=_quantile(histogram, 0.99),
            queue_ms=after.queue_ms if tries else None,
            connect_ms=self._connect() if after.connect_ms is None else after.connect_ms if tries else None,
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


def _grown(before: RouteCounters, after: RouteCounters, field: str) -> float | None:
    """How much one counter grew; None where either look lacks it."""
    old, new = getattr(before, field), getattr(after, field)
    return None if old is None or new is None else max(0.0, new - old)


def _quantile(histogram: Histogram | None, q: float) -> float | None:
    found = quantile(histogram, q) if histogram else None
    return found.value if found else None


def _basis(counters: RouteCounters) -> Basis:
    """A row with neither times nor a mean tells counts alone."""
    if counters.histogram is not None:
        return Basis.HISTOGRAM
    timed = counters.average_ms is not None or counters.total_ms is not None
    return Basis.MEAN if timed else Basis.COUNTER
