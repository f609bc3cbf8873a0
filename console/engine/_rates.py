"""One target's counters from poll to poll: rates, gauges, and what a reset says."""

from typing import NamedTuple

import numpy as np

from console.domain.counters import Counters, Matrix, delta, has_latencies
from console.domain.families import DURATIONS, FAILURES, GROWING, ROWS, F
from console.domain.fleet import ModelVersion
from console.domain.triton import TritonReading, VersionStatistics
from console.engine._lifetime import FirstLook


class Rates(NamedTuple):
    """What the newest two polls say: rates (growing families × versions, 1/s), and the newest values."""

    counters: Counters
    rates: Matrix
    at: float
    reset: tuple[ModelVersion, ...]
    restarted: bool


class RateMeter:
    """Turns consecutive counters of one target into rates; counters of different sources are never compared."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Counters, float]] = {}
        self.newest: Rates | None = None
        self.first = FirstLook()

    def read(self, reading: TritonReading, *, away: bool = False) -> Rates | None:
        """Rates since the poll before, or None when this poll brought no new counters.

        ``away`` when the target did not answer in between.
        """
        found = usable_counters(reading)
        if found is None:
            return None
        counters, at = found
        last = self._last.get(counters.source)
        if last is not None and at <= last[1]:
            return None
        self._last[counters.source] = (counters, at)
        if last is None:
            rates = np.full((GROWING, len(counters.keys)), np.nan)
            self.newest = Rates(counters, rates, at, (), restarted=False)
        else:
            change = delta(last[0], counters, at - last[1], away=away)
            reset = tuple(key for key, was in zip(counters.keys, change.reset, strict=True) if was)
            self.newest = Rates(counters, change.rates, at, reset, change.restarted)
        self.first.take(counters, self.newest.rates, at, self.newest.reset)
        return self.newest

    def begin(self) -> None:
        """The counters to come have nothing to do with those before."""
        self._last.clear()

    def resume(self) -> None:
        """The newest rates are means over a time that nobody watched: nothing is known of now."""
        if self.newest is not None:
            self.newest = self.newest._replace(rates=np.full_like(self.newest.rates, np.nan))


def usable_counters(reading: TritonReading) -> tuple[Counters, float] | None:
    """The best counters of a reading and their time: metrics, statistics where metrics lack them, or both."""
    metrics = reading.counters
    counted = (metrics, reading.counters_at) if metrics and reading.counters_at is not None else None
    if counted is not None and has_latencies(counted[0]):
        return counted
    if reading.statistics is None or reading.statistics_at is None:
        return counted
    return _from_statistics(reading.statistics, metrics), reading.statistics_at


def _from_statistics(statistics: tuple[VersionStatistics, ...], metrics: Counters | None) -> Counters:
    """Counters from statistics; families that the metrics do have are taken from there."""
    keys = tuple(s.key for s in statistics)
    values = np.full((ROWS, len(keys)), np.nan)
    for column, s in enumerate(statistics):
        values[F.SUCCESS, column] = s.successes
        values[F.FAIL_UNSPLIT, column] = s.failures
        values[F.INFERENCES, column] = s.inferences
        values[F.EXECUTIONS, column] = s.executions
        durations = (s.request_ms, s.queue_ms, s.input_ms, s.infer_ms, s.output_ms)
        values[list(DURATIONS), column] = durations
        values[F.CACHE_HITS, column] = s.cache_hits
        values[F.CACHE_MISSES, column] = s.cache_misses
    if metrics is None:
        return Counters(keys, values, "statistics")
    _overlay(values, keys, metrics)
    return Counters(keys, values, "metrics and statistics")


def _overlay(values: Matrix, keys: tuple[ModelVersion, ...], metrics: Counters) -> None:
    at = {key: i for i, key in enumerate(metrics.keys)}
    shared = [(column, at[key]) for column, key in enumerate(keys) if key in at]
    ours, theirs = [a for a, _ in shared], [b for _, b in shared]
    known = np.isfinite(metrics.values[:, theirs])
    values[:, ours] = np.where(known, metrics.values[:, theirs], values[:, ours])
    values[FAILURES["UNKNOWN"], ours] = np.nan
