"""A recording that is kept in memory, and the recorder that makes one."""

from collections.abc import Iterable, Iterator, Sequence
from math import inf

from console.domain.fleet import Fleet
from console.domain.journal import JournalNews
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Session, Taping
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk

SPARSE_S = 10.0


class KeptRecording:
    """``console.ports.Recording`` of frames in memory; a reading begins with the newest sample of every source."""

    def __init__(
        self, sessions: Sequence[Session], frames: Sequence[Frame], walks: Sequence[Walk] = ()
    ) -> None:
        self.path = "memory.tcrec"
        self.sessions = sessions
        self.kept = frames
        self.walks = walks
        self.problems: Sequence[str] = ()
        self.closed = False

    @property
    def since(self) -> float:
        return self.kept[0].at

    @property
    def until(self) -> float:
        return self.kept[-1].at

    @property
    def markers(self) -> Sequence[Marker]:
        return [marker for frame in self.kept for marker in frame.shown]

    def frames(self, since: float = -inf, until: float = inf, *, sparse: bool = False) -> Iterator[Frame]:
        start = max((n for n, frame in enumerate(self.kept) if frame.at <= since), default=0)
        newest: dict[str, Sample] = {}
        between: list[Input] = []
        shown: list[Marker] = []
        session, last = -1, -inf
        for number, frame in enumerate(self.kept):
            if frame.at > until:
                return
            if frame.session != session:
                newest, between, session, last = {}, [], frame.session, -inf
            newest |= {entry.source: entry for entry in frame.inputs if isinstance(entry, Sample)}
            between += [entry for entry in frame.inputs if not isinstance(entry, Sample) or _news(entry)]
            shown += frame.shown
            if number < start:
                between, shown = [], []
            elif number == start or last == -inf or (sparse and frame.at - last >= SPARSE_S):
                yield frame._replace(inputs=tuple(_once(newest, between)), shown=tuple(shown))
                between, shown, last = [], [], frame.at
            elif not sparse:
                yield frame

    def close(self) -> None:
        self.closed = True


def _news(entry: Sample) -> bool:
    return isinstance(entry.reading, JournalNews)


def _once(newest: dict[str, Sample], between: Iterable[Input]) -> Iterator[Input]:
    yield from (entry for entry in newest.values() if not _news(entry))
    yield from between


class KeepingRecorder:
    """``console.ports.Recorder`` that keeps every frame in memory."""

    def __init__(self, fleet: Fleet, began: float = 0.0, before: KeptRecording | None = None) -> None:
        self.sessions = [*(before.sessions if before else ()), Session(fleet, began)]
        self.frames = list(before.kept) if before else []
        self.walks: list[Walk] = []
        self.closed = False
        self._waiting: list[Input] = []
        self._told: set[Marker] = set()

    @property
    def state(self) -> Taping:
        return Taping("memory", self.sessions[-1].began, len(self.frames))

    @property
    def recording(self) -> KeptRecording:
        """What was kept so far."""
        return KeptRecording(tuple(self.sessions), tuple(self.frames), tuple(self.walks))

    def take(self, entry: Input) -> None:
        self._waiting.append(entry)

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        shown = tuple(marker for marker in snapshot.markers if marker not in self._told)
        self._told |= set(shown)
        inputs, self._waiting = tuple(self._waiting), []
        self.frames.append(Frame(len(self.sessions) - 1, snapshot.at, mono, inputs, shown))

    def tell(self, walk: Walk) -> None:
        self.walks.append(walk)

    def close(self) -> None:
        self.closed = True
