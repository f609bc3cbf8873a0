"""A console of before, fed by hand: what it polled of a server that counts, as a recording."""

from collections.abc import Callable
from dataclasses import dataclass, field

from console.domain.failure import Failure, FailureKind
from console.domain.families import F
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Reading, Sample
from console.domain.triton import IndexEntry, State, TritonReading, VersionStatistics
from console.engine.feed import feed
from console.engine.store import Store
from tests.console.engine.watched import counters
from tests.parts.recordings import KeepingRecorder, KeptRecording

KEY = ModelVersion("ranker", "1")
READY = IndexEntry("ranker", "1", State.READY)
BEGAN = 1_700_000_000.0
TARGETS = (Target("a", "http://a:8000", ""), Target("b", "http://b:8000", ""))
ROOM = Fleet("room", TARGETS)


@dataclass
class Server:
    """A server whose counters grow with the time of day: ``rate`` requests a second, each of 4 ms."""

    rate: float = 50.0
    failed: float = 0.0
    index: tuple[IndexEntry, ...] | None = (READY,)
    restarted: float = BEGAN - 7200.0
    down: bool = False
    statistics: bool = False
    metrics: bool = True

    def poll(self, at: float, mono: float) -> TritonReading | Failure:
        if self.down:
            return Failure(FailureKind.REFUSED, "live", "connection refused")
        served = (at - self.restarted) * self.rate
        values = {
            F.SUCCESS: served,
            F.EXECUTIONS: served,
            F.REQUEST_MS: 4 * served,
            F.FAIL_BACKEND: (at - self.restarted) * self.failed,
        }
        return TritonReading(
            live=True,
            ready=True,
            index=self.index,
            statistics=(counted(int(served)),) if self.statistics else None,
            statistics_at=mono if self.statistics else None,
            counters=counters({KEY: values}) if self.metrics else None,
            counters_at=mono if self.metrics else None,
        )


def counted(served: int) -> VersionStatistics:
    """Statistics of a version that ran so many requests, all in batches of 4."""
    times = (4.0 * served, 0.0, 0.0, 4.0 * served, 0.0)
    return VersionStatistics(KEY, 0, served, served // 4, served, 0, *times, 0, 0, {4: served // 4})


@dataclass
class Before:
    """A console of before: what it polled, in a recording. Its monotonic time has nothing to do with anybody's."""

    fleet: Fleet = ROOM
    server: Server = field(default_factory=Server)
    mono: float = 777.0
    recorder: KeepingRecorder = field(init=False)

    def __post_init__(self) -> None:
        self.at = BEGAN
        self.begin()

    def begin(self, away: float = 0.0) -> None:
        """The console is started, again after so long."""
        before = self.recorder.recording if hasattr(self, "recorder") else None
        self.at, self.mono = self.at + away, self.mono / 2
        self.recorder = KeepingRecorder(self.fleet, self.at, before)
        self.store = Store(self.fleet)

    def watch(self, seconds: int, each: Callable[["Before"], None] | None = None) -> "Before":
        for _ in range(seconds):
            for target in self.fleet.targets:
                found = self.server.poll(self.at, self.mono)
                self.take(f"triton:{target.name}", target.name, found)
            if each is not None:
                each(self)
            self.recorder.tick(self.store.tick(self.at, self.mono), self.mono)
            self.at, self.mono = self.at + 1.0, self.mono + 1.0
        return self

    def take(self, source: str, target: str | None, found: Reading | Failure) -> None:
        failed = isinstance(found, Failure)
        reading, failure = (None, found) if isinstance(found, Failure) else (found, None)
        assert failed == (reading is None)
        sample = Sample(source, target, self.at, self.mono, 0.01, 1.0, reading, failure)
        feed(self.store, sample)
        self.recorder.take(sample)

    def note(self, said: str) -> None:
        marker = Marker(self.at, MarkerKind.NOTE, "room", said)
        feed(self.store, marker)
        self.recorder.take(marker)

    @property
    def recording(self) -> KeptRecording:
        """What it recorded."""
        return self.recorder.recording
