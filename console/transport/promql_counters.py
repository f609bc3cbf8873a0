"""Counters made of the rates that a Prometheus tells, so that a store takes from them exactly those rates."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from console.domain.counters import Counters
from console.domain.families import GROWING, ROWS
from console.domain.fleet import ModelVersion
from console.domain.triton import Histogram
from console.domain.versions import PROMETHEUS
from console.transport._prometheus_series import Floats
from console.transport.promql_figures import Step


class Counted(NamedTuple):
    """A group's counters and histograms as they stood at a time (epoch seconds of Prometheus)."""

    at: float
    counters: Counters
    histograms: Mapping[ModelVersion, Histogram] | None


class Sums:
    """One group's counters: each grows by its rate times the seconds between the scrapes that were asked about.

    What happened while nobody asked, for longer than rates are taken over, is not counted: then the counters stand still
    until the window of the newest rates begins.
    """

    def __init__(self, window_s: float) -> None:
        self.window_s = window_s
        self._at: float | None = None
        self._keys: tuple[ModelVersion, ...] = ()
        self._sums: dict[ModelVersion, Floats] = {}
        self._buckets: dict[ModelVersion, Mapping[float, float]] = {}

    def add(self, at: float, step: Step, *, whole: bool = True) -> Iterator[Counted]:
        """The rates of the newest scrape, made at that time; nothing where that is not newer than the one before.

        What an answer that is not ``whole`` does not name is unknown, and not gone.
        """
        if not whole:
            step = step.with_keys(self._keys)
        if self._at is not None and at <= self._at:
            return
        since = self._at
        if since is None or at - since > self.window_s:
            since = at - self.window_s
            yield self._grown(since, step, 0.0)
        yield self._grown(at, step, at - since)
        self._at = at

    def _grown(self, at: float, step: Step, seconds: float) -> Counted:
        values = np.full((ROWS, len(step.keys)), np.nan)
        values[GROWING:] = step.gauges
        grown: dict[ModelVersion, Floats] = {}
        for place, key in enumerate(step.keys):
            rates = step.rates[:, place]
            sums = self._sums.get(key, np.zeros(GROWING)) + np.nan_to_num(rates) * seconds
            grown[key] = sums
            values[:GROWING, place] = np.where(np.isnan(rates), np.nan, sums)
        # What is gone and comes back begins anew: names that a server invents do not add up here.
        self._sums = grown
        if step.keys != self._keys:
            self._keys = step.keys
        self._buckets = {key: self._buckets.get(key, {}) for key in step.buckets}
        histograms = {key: self._histogram(key, bounds, seconds) for key, bounds in step.buckets.items()}
        return Counted(at, Counters(self._keys, values, PROMETHEUS), histograms or None)

    def _histogram(self, key: ModelVersion, rates: Mapping[float, float], seconds: float) -> Histogram:
        counted = self._buckets.get(key, {})
        counts = {bound: counted.get(bound, 0.0) + rates[bound] * seconds for bound in sorted(rates)}
        self._buckets[key] = counts
        return Histogram(tuple(counts), tuple(counts.values()))
