"""What counters grew by over a window: exact differences, whatever the sizes of the steps, with every reset named."""

from collections.abc import Callable, Mapping

import numpy as np

from console.domain.counters import Counters, Matrix
from console.domain.families import FAILURES, GROWING, F
from console.domain.fleet import ModelVersion
from console.domain.histogram import growth
from console.domain.report import Counted, Reset
from console.domain.sample import Sample
from console.domain.slo import slow_share
from console.domain.triton import Histogram, TritonReading
from console.engine._rates import usable_counters

# Failures outlive a reload, in the metrics; all else begins anew with a version.
_OUTLIVING = list(FAILURES.values())
_MOST_RESETS = 1000
# So far back two consoles that watch at once may tell the same; more is a clock that was set.
_OVERLAP_S = 60.0

Threshold = Callable[[str], float]
"""What a model's requests are promised to take at most, in ms."""


class _Sums:
    """One target's counters as last read, gaps filled with what was there before, and what they grew by so far."""

    def __init__(self, counters: Counters) -> None:
        self.keys = counters.keys
        self.source = counters.source
        self.at = -np.inf
        self.seen = -np.inf
        self.compared = False
        self.last = counters.values[:GROWING].copy()
        self.grown = np.zeros((GROWING, len(self.keys)))
        self.slow = np.full(len(self.keys), np.nan)

    def fit(self, keys: tuple[ModelVersion, ...]) -> None:
        """Make room for versions that are new: those had counted nothing before."""
        if keys is self.keys or keys == self.keys:
            return
        known = set(self.keys)
        new = [key for key in keys if key not in known]
        if new:
            self.keys = (*self.keys, *new)
            wider = ((0, 0), (0, len(new)))
            self.last = np.pad(self.last, wider)
            self.grown = np.pad(self.grown, wider)
            self.slow = np.pad(self.slow, wider[1], constant_values=np.nan)

    def columns(self, keys: tuple[ModelVersion, ...]) -> list[int]:
        """Where these versions stand."""
        if keys == self.keys:
            return list(range(len(keys)))
        at = {key: column for column, key in enumerate(self.keys)}
        return [at[key] for key in keys]


class Counting:
    """Adds up what every target's counters grew by; fed with samples in their order, those before the window first."""

    def __init__(self, threshold: Threshold) -> None:
        self._threshold = threshold
        self._targets: dict[str, _Sums] = {}
        self._resets: list[tuple[ModelVersion, str, float]] = []
        self._histograms: dict[tuple[str, ModelVersion], Histogram] = {}
        self._slow: dict[ModelVersion, float] = {}

    def take(self, sample: Sample, *, counts: bool) -> None:
        """One sample; without ``counts`` it only says where the counters stood."""
        reading, target = sample.reading, sample.target or sample.source
        if not isinstance(reading, TritonReading) or self._seen(target, sample.at):
            return
        found = usable_counters(reading)
        if found is not None:
            self._take(target, *found, sample.at, counts=counts)
        for key, histogram in (reading.histograms or {}).items():
            self._take_histogram(target, key, histogram, counts=counts)

    def forget(self) -> None:
        """Begin with a new console: what grew while nobody looked is counted when the counters come back.

        Monotonic times of two runs of the console have nothing to do with each other; where two watched at once, what
        the one read before the other is told by the time of day.
        """
        for sums in self._targets.values():
            sums.at = -np.inf

    def _seen(self, target: str, at: float) -> bool:
        """Whether another console had read as much: its counters would seem to begin anew."""
        sums = self._targets.get(target)
        return sums is not None and sums.at == -np.inf and 0.0 <= sums.seen - at <= _OVERLAP_S

    def models(self) -> Mapping[str, Counted]:
        """What each model's requests came to, over its versions and targets; counters read once tell nothing."""
        found: dict[str, Matrix] = {}
        slow: dict[str, float] = {}
        for sums in (each for each in self._targets.values() if each.compared):
            for column, key in enumerate(sums.keys):
                found[key.model] = found.get(key.model, np.zeros(GROWING)) + sums.grown[:, column]
                if np.isfinite(sums.slow[column]) and key not in self._slow:
                    slow[key.model] = slow.get(key.model, 0.0) + float(sums.slow[column])
        basis = dict.fromkeys(slow, "summary")
        for key, number in self._slow.items():
            slow[key.model] = slow.get(key.model, 0.0) + number
            basis[key.model] = "histogram"
        return {
            model: _counted(grown, slow.get(model), basis.get(model, ""))._replace(resets=self._of(model))
            for model, grown in found.items()
        }

    def versions(self, model: str) -> tuple[str, ...]:
        """The versions of a model that served or failed something."""
        busy = {
            key.version
            for sums in self._targets.values()
            for column, key in enumerate(sums.keys)
            if key.model == model and sums.grown[[F.SUCCESS, *_OUTLIVING], column].any()
        }
        return tuple(sorted(busy, key=lambda version: (len(version), version)))

    def _of(self, model: str) -> tuple[Reset, ...]:
        found = (each for each in self._resets if each[0].model == model)
        return tuple(Reset(key.label, target, at) for key, target, at in found)

    def _take(self, target: str, counters: Counters, read: float, at: float, *, counts: bool) -> None:
        sums = self._targets.get(target)
        if sums is None:
            sums = self._targets[target] = _Sums(counters)
            sums.at, sums.seen = read, at
            return
        if sums.source == counters.source and read <= sums.at:
            return
        sums.seen = at
        moved = sums.source != counters.source
        sums.at, sums.source = read, counters.source
        sums.fit(counters.keys)
        columns = sums.columns(counters.keys)
        now, before = counters.values[:GROWING], sums.last[:, columns]
        grown, reset = _grown(before, now)
        sums.last[:, columns] = np.where(np.isfinite(now), now, before)
        # Counters of two kinds have nothing to do with each other: the first look at the other kind is a beginning.
        if moved or not counts:
            return
        sums.compared = True
        sums.grown[:, columns] += grown
        self._prove_slow(sums, columns, counters, grown[F.SUCCESS])
        for column in np.flatnonzero(reset)[: _MOST_RESETS - len(self._resets)]:
            self._resets.append((counters.keys[column], target, at))

    def _prove_slow(self, sums: _Sums, columns: list[int], counters: Counters, served: Matrix) -> None:
        limits = np.array([self._threshold(key.model) for key in counters.keys])
        share = slow_share(counters.values, limits)
        known = np.isfinite(share)
        where = np.array(columns, dtype=np.intp)[known]
        sums.slow[where] = np.nan_to_num(sums.slow[where]) + share[known] * served[known]

    def _take_histogram(self, target: str, key: ModelVersion, now: Histogram, *, counts: bool) -> None:
        before = self._histograms.get((target, key))
        self._histograms[target, key] = now
        if before is None or before == now or not counts:
            return
        grown = growth(before, now) or now
        above = next(
            (count for bound, count in zip(*grown, strict=True) if bound >= self._threshold(key.model)), None
        )
        total = grown.counts[-1] if grown.counts else 0.0
        self._slow[key] = self._slow.get(key, 0.0) + (0.0 if above is None else total - above)


def _grown(before: Matrix, now: Matrix) -> tuple[Matrix, Matrix]:
    """Growth since the look before, and which versions began anew: of those all is new that they have now."""
    was = np.nan_to_num(before)
    grown = np.where(np.isfinite(now), np.nan_to_num(now) - was, 0.0)
    reset = (grown < 0).any(axis=0)
    anew = np.where(np.isfinite(now), np.nan_to_num(now), 0.0)
    kept = np.where(grown[_OUTLIVING] < 0, anew[_OUTLIVING], grown[_OUTLIVING])
    grown = np.where(reset, anew, grown)
    grown[_OUTLIVING] = kept
    return grown, np.asarray(reset)


def _counted(grown: Matrix, slow: float | None, basis: str) -> Counted:
    failed = {reason: float(grown[row]) for reason, row in FAILURES.items() if grown[row] > 0}
    return Counted(float(grown[F.SUCCESS]), failed, (), slow, basis)
