"""What the engine remembers of one Triton server."""

from collections import deque
from collections.abc import Iterable, Mapping
from operator import is_

from console.domain.config import ModelConfig
from console.domain.failure import Failure, FailureKind
from console.domain.families import F
from console.domain.fleet import ModelVersion, Target
from console.domain.histogram import growth, merged
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import StateChange
from console.domain.sample import Sample
from console.domain.triton import Histogram, IndexEntry, State, TritonReading, VersionStatistics
from console.domain.versions import UNREADABLE, VersionState, version_states
from console.engine._rates import RateMeter
from console.engine._state_news import came, went

HISTOGRAM_WINDOW_S = 60.0
_STATE_HISTORY = 100
_STALE_SCRAPES = 3
# Versions that are gone and whose past is kept.
REMEMBERED = 5000


class TargetMemory:
    """One server: newest reading, states with their history, rates, batch sizes, histograms."""

    def __init__(self, target: Target, stale_after_s: float, window_s: float) -> None:
        self.target = target
        self.stale_after_s = self._least_stale_s = stale_after_s
        self.reading: TritonReading | None = None
        self.mono: float | None = None
        self.took_s: float | None = None
        self.failure: Failure | None = None
        self.asked = False
        self.meter = RateMeter()
        self.states: dict[ModelVersion, VersionState] = {}
        self._stated = False
        self.since: dict[ModelVersion, float] = {}
        self.changes: dict[ModelVersion, deque[StateChange]] = {}
        self.configs: Mapping[str, ModelConfig] = {}
        self.revision = 0
        self._window_s = window_s
        self._states_parts: tuple[object, object] = (None, None)
        self._states_basis: tuple[tuple[IndexEntry, ...] | None, tuple[ModelVersion, ...]] = (None, ())
        self._statistics: (
            tuple[tuple[VersionStatistics, ...], dict[ModelVersion, VersionStatistics]] | None
        ) = None
        # Since the newest statistics; they may be read less often than the counters.
        self._restarted = False
        self._interrupted = False
        self.batches: dict[ModelVersion, dict[int, int]] = {}
        self._batches: deque[tuple[float, dict[ModelVersion, dict[int, int]]]] = deque()
        self._histograms: deque[tuple[float, Mapping[ModelVersion, Histogram]]] = deque()

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name

    @property
    def answers(self) -> bool:
        """Whether the last poll found a Triton, be it one that withholds its health."""
        if self.failure is not None or self.reading is None:
            return False
        locked = any(f.kind is FailureKind.FORBIDDEN for f in self.reading.failures if f.part == "live")
        return self.reading.live is not None or locked

    def age_s(self, mono: float) -> float | None:
        """Seconds since the newest good poll, None before the first."""
        return None if self.mono is None else max(0.0, mono - self.mono)

    def is_stale(self, mono: float) -> bool:
        """Whether the newest data are too old to be shown as current."""
        age = self.age_s(mono)
        return age is None or age > self.stale_after_s

    def has_served(self, key: ModelVersion) -> bool:
        """Whether the newest counters hold requests of that version."""
        if self.meter.newest is None or key not in self.meter.newest.counters.keys:
            return False
        counters = self.meter.newest.counters
        return bool(counters.values[F.SUCCESS, counters.keys.index(key)] >= 0)

    def interrupt(self) -> None:
        """Nobody watches for a while: the batch sizes of then are not those of now."""
        self._batches.clear()
        self.batches.clear()
        self._interrupted = True
        self.asked = False
        if self.target.scraped:
            # Each watch adds up the rates that it asks for: its counters are its own.
            self.meter.begin()

    def take(self, sample: Sample) -> list[Marker]:
        """Remember one sample; returns what changed."""
        was_down, first = self.failure is not None, self.reading is None
        self.asked = True
        self.failure = sample.failure
        if sample.failure is not None:
            if was_down or first:
                return []
            self.revision += 1
            return [Marker(sample.at, MarkerKind.DOWN, self.name, sample.failure.message, target=self.name)]
        reading = sample.reading
        if not isinstance(reading, TritonReading):
            return []
        markers = (
            [Marker(sample.at, MarkerKind.UP, self.name, "answers again", target=self.name)]
            if was_down
            else []
        )
        self.revision += was_down
        self.mono, self.took_s = sample.mono, sample.took_s
        if self.target.scraped:
            self.stale_after_s = max(self._least_stale_s, _STALE_SCRAPES * sample.every)
        markers += self._take_states(reading, sample.at)
        markers += self._take_configs(reading, sample.at, first=first)
        markers += self._take_counters(reading, sample.at, away=was_down)
        markers += self._take_statistics(reading, sample.at)
        self._take_histograms(reading, sample.mono)
        self.reading = reading
        return markers

    def _marker(self, at: float, kind: MarkerKind, key: ModelVersion, detail: str) -> Marker:
        return Marker(at, kind, key.label, detail, key.model, key.version, self.name)

    def _take_states(self, reading: TritonReading, at: float) -> list[Marker]:
        parts = (reading.index, reading.statistics)
        if reading.index is not None and all(map(is_, parts, self._states_parts)):
            return []
        self._states_parts = parts
        basis = (reading.index, tuple(s.key for s in reading.statistics or ()))
        if (
            reading.index is not None
            and self._states_basis[0] is reading.index
            and self._states_basis == basis
        ):
            return []
        self._states_basis = basis
        states = version_states(reading)
        if states is None:
            return []
        # Counters alone tell of some versions, and not how they stand.
        first, self._stated = not self._stated, self._stated or self._tells(reading)
        if states == self.states:
            return []
        changed = [(key, new) for key, new in states.items() if self.states.get(key) != new]
        gone = [key for key in self.states if key not in states]
        markers = []
        for key, new in changed:
            old = self.states.get(key)
            # What could not be read before is no change.
            told = None if first or _unread(old) else came(key, old, new)
            markers += [self._marker(at, told.kind, key, told.said)] if told else []
            self._remember(key, at, new)
        for key in gone:
            self._remember(key, at, VersionState(State.ABSENT, "no longer listed"))
            told = went(key, self.states[key])
            markers += [self._marker(at, told.kind, key, told.said)] if told else []
        self.states = states
        self.revision += 1
        self._forget_the_long_gone()
        return markers

    def _tells(self, reading: TritonReading) -> bool:
        """Whether a version that the reading does not name is not there."""
        return reading.index is not None or bool(reading.statistics) or self.target.scraped

    def _forget_the_long_gone(self) -> None:
        if len(self.changes) > REMEMBERED + len(self.states):
            self.changes = {key: self.changes[key] for key in self.states if key in self.changes}
            self.since = {key: self.since[key] for key in self.states if key in self.since}

    def _remember(self, key: ModelVersion, at: float, new: VersionState) -> None:
        history = self.changes.setdefault(key, deque(maxlen=_STATE_HISTORY))
        if not history or history[-1].state is not new.state or history[-1].reason != new.reason:
            history.append(StateChange(at, self.name, new.state, new.reason))
            self.since[key] = at

    def _take_configs(self, reading: TritonReading, at: float, *, first: bool) -> list[Marker]:
        new = reading.configs or {}
        # Two dicts are compared item by item, even one with itself.
        if new is self.configs or new == self.configs:
            return []
        markers = [
            self._marker(at, MarkerKind.CONFIG, ModelVersion(model, ""), f"config is now {config.digest}")
            for model, config in new.items()
            if not first and model in self.configs and self.configs[model].digest != config.digest
        ]
        self.configs = new
        self.revision += 1
        return markers

    def _take_counters(self, reading: TritonReading, at: float, *, away: bool) -> list[Marker]:
        rates = self.meter.read(reading, away=away)
        if rates is None or not rates.reset:
            return []
        if rates.restarted:
            self._restarted = True
            detail = "every counter restarted at 0: the process was restarted"
            return [Marker(at, MarkerKind.RESTART, self.name, detail, target=self.name)]
        return [self._marker(at, MarkerKind.RESET, key, "counters restarted at 0") for key in rates.reset]

    def _take_statistics(self, reading: TritonReading, at: float) -> list[Marker]:
        """Batch sizes since the statistics before; statistics that went back tell of a reload that is invisible elsewhere."""
        if reading.statistics is None or (self._statistics and self._statistics[0] is reading.statistics):
            return []
        before = self._statistics[1] if self._statistics else {}
        by_key = {s.key: s for s in reading.statistics}
        self._statistics = (reading.statistics, by_key)
        reloaded: list[ModelVersion] = []
        batches: dict[ModelVersion, dict[int, int]] = {}
        for key, now in by_key.items():
            old = before.get(key)
            if old is None:
                continue
            if now.executions < old.executions or now.inferences < old.inferences:
                reloaded.append(key)
            elif now.executions > old.executions and (sizes := _grown(old.batches, now.batches)):
                # Some servers count executions, and tell of no sizes.
                batches[key] = sizes
        interrupted, self._interrupted = self._interrupted, False
        self._count_batches(reading.statistics_at or 0.0, {} if interrupted else batches)
        restarted, self._restarted = self._restarted, False
        if restarted:
            return []
        return [
            self._marker(at, MarkerKind.LOAD, key, "reloaded: its statistics restarted") for key in reloaded
        ]

    def _count_batches(self, moment: float, grown: dict[ModelVersion, dict[int, int]]) -> None:
        """Keep a running sum over the window, so that a row costs one look-up."""
        self._batches.append((moment, grown))
        for key, sizes in grown.items():
            total = self.batches.setdefault(key, {})
            for size, count in sizes.items():
                total[size] = total.get(size, 0) + count
        while self._batches[0][0] <= moment - self._window_s:
            for key, sizes in self._batches.popleft()[1].items():
                left = self.batches[key]
                for size, count in sizes.items():
                    left[size] -= count
                    if left[size] <= 0:
                        del left[size]
                if not left:
                    del self.batches[key]

    def _take_histograms(self, reading: TritonReading, mono: float) -> None:
        if not reading.histograms:
            return
        self._histograms.append((mono, reading.histograms))
        while self._histograms[0][0] < mono - HISTOGRAM_WINDOW_S:
            self._histograms.popleft()

    @property
    def histogram_keys(self) -> Iterable[ModelVersion]:
        """Versions that the newest reading has histograms of."""
        return self._histograms[-1][1].keys() if self._histograms else ()

    def histogram(self, key: ModelVersion) -> Histogram | None:
        """What was counted over the histogram window."""
        if len(self._histograms) < 2 or key not in self._histograms[-1][1]:
            return None
        return growth(self._histograms[0][1].get(key), self._histograms[-1][1][key])


def _unread(state: VersionState | None) -> bool:
    return state is not None and state.reason == UNREADABLE


def _grown(old: Mapping[int, int], new: Mapping[int, int]) -> dict[int, int]:
    change = {size: count - old.get(size, 0) for size, count in new.items()}
    return {size: count for size, count in change.items() if count > 0}


def merged_histograms(targets: Iterable[TargetMemory]) -> dict[ModelVersion, Histogram]:
    """Histograms over the targets, by version."""
    total: dict[ModelVersion, Histogram] = {}
    for target in targets:
        for key in target.histogram_keys:
            found = target.histogram(key)
            if found is not None:
                total[key] = merged(total.get(key), found)
    return total


def merged_batches(targets: Iterable[TargetMemory], key: ModelVersion) -> dict[int, int]:
    """Executions per batch size within the window, over the targets."""
    found = [batches for target in targets if (batches := target.batches.get(key))]
    total: dict[int, int] = {}
    for batches in found:
        # By hand: a Counter costs ten times as much, which is most of a tick where models and targets are many.
        for size, count in batches.items():
            total[size] = total.get(size, 0) + count
    return dict(sorted(total.items()))
