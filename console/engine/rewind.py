"""What a console knew at a moment of a recording: a store warmed up to it, and its picture."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import chain, islice
from math import inf
from typing import NamedTuple

from console.domain.journal import JournalNews, Record
from console.domain.recording import Frame, Recalled, RecordingError
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triton import TritonReading
from console.engine._refill import RECALL_S, Filling, Refill, recollected, refilling, shown
from console.engine.store import Store
from console.ports import Recording

_NOTHING = "no frame of the recording can be read"
_BEFORE = "the run before"
# Up to so many versions a depth is as it stands; of more there is at least so much.
_VERSIONS = 600
_LEAST_S, _LEAST_SPARSE_S = 15.0, 120.0
# A recording that begins so long after its session has lost its head.
_STARTING_S = 30.0

Frames = Iterator[Frame]


class Depth(NamedTuple):
    """How much of what was before a moment is fed again, in seconds: in few frames, in every one, and judged in every one."""

    sparse: float
    plain: float
    full: float

    def of(self, versions: int) -> "Depth":
        """For a fleet of so many versions on all targets together: less of a large one, for that takes long."""
        share = min(1.0, _VERSIONS / max(versions, 1))
        plain = max(self.plain * share, _LEAST_S)
        return Depth(max(self.sparse * share, _LEAST_SPARSE_S), plain, min(self.full, plain))


THOROUGH = Depth(RECALL_S, 360.0, 120.0)
"""About as far as history is kept tick by tick, and judged for longer than any alert waits."""
QUICK = Depth(600.0, 30.0, 15.0)
"""For who waits: the figures of the moment, and some history."""


class Opening(NamedTuple):
    """A store for the run of one session with what fills it, and what it knows from before."""

    store: Store
    filling: Filling
    recalled: Recalled | None = None
    began: float | None = None

    def picture(self, frame: Frame) -> Iterator[Snapshot | None]:
        """The picture of a frame whose inputs were taken, in short stretches of work."""
        for snapshot in self.store.ticking(frame.at, frame.mono):
            yield replace(snapshot, recalled=self.recalled) if snapshot is not None else None


class Rewound(NamedTuple):
    """A run as it was at a frame; whoever plays on takes the frames of ``rest``.

    ``records`` are those of the journal that had been read by then; ``whole`` when every frame before was fed.
    """

    opening: Opening
    frame: Frame
    snapshot: Snapshot
    rest: Frames
    records: tuple[Record, ...]
    whole: bool

    @property
    def store(self) -> Store:
        """The store, one tick behind whatever is fed next."""
        return self.opening.store


def rewound(recording: Recording, at: float) -> Snapshot:
    """The picture of the last frame at or before a time (epoch seconds), or of the first frame if there is none.

    Raises RecordingError where no frame can be read.
    """
    for found in rewinding(recording, at):
        if found is not None:
            return found.snapshot
    raise RecordingError(_NOTHING)


def rewinding(recording: Recording, at: float, depth: Depth = THOROUGH) -> Iterator[Rewound | None]:
    """``rewound`` in short stretches of work: yields None after each, and what was found at the end.

    Where all of the run before the moment is short enough it is played as a whole, and its picture is the one of then.
    """
    at = max(at, recording.since)
    near = list(recording.frames(at, at)) or list(islice(recording.frames(), 1))
    if not near:
        raise RecordingError(_NOTHING)
    yield None
    landing = near[-1]
    yield from _Way(recording, max(at, landing.at), landing.session, depth.of(_versions(near[0]))).run()


def opening(recording: Recording, first: Frame) -> Generator[None, None, Opening]:
    """A store for the session that begins with this frame, and what the sessions before it tell of the last hour."""
    session = recording.sessions[first.session]
    store = Store(session.fleet)
    refill = Refill(store, session.fleet, (first.at, first.mono))
    if first.session > 0:
        for _ in refilling(refill, recording, first.at - RECALL_S, first.at, first.session):
            yield
    stretch = refill.stretch
    if stretch is not None:
        recollected(store, recording, stretch, first.at)
        recalled = Recalled(_BEFORE, stretch.since, stretch.until)
        return Opening(store, Filling(store), recalled, stretch.began)
    # What the run itself had recalled, be it from elsewhere; and what was shown in frames that are no longer there.
    lost = session.began < recording.since - _STARTING_S
    known = shown(recording, first.at) if lost else (m for m in first.shown if m.at < session.began)
    store.recollect(known)
    return Opening(store, Filling(store))


def news(frame: Frame) -> Iterator[Record]:
    """What a frame has of the journal."""
    for entry in frame.inputs:
        if isinstance(entry, Sample) and isinstance(entry.reading, JournalNews):
            yield from entry.reading.records


def _versions(frame: Frame) -> int:
    """How many versions the targets of a frame have, all together."""
    readings = (entry.reading for entry in frame.inputs if isinstance(entry, Sample))
    found = (reading for reading in readings if isinstance(reading, TritonReading))
    return sum(max(len(r.index or ()), len(r.counters.keys) if r.counters else 0) for r in found)


class _Way:
    """The way to one moment of one session: few frames at first, then every one."""

    def __init__(self, recording: Recording, at: float, session: int, depth: Depth) -> None:
        self._recording = recording
        self._at = at
        self._session = session
        self._began = recording.sessions[session].began
        start = max(self._began, recording.since)
        self._plain = max(start, at - depth.plain)
        self._early = max(start, at - depth.sparse)
        self._judging = at - depth.full
        self._whole = self._plain == start
        self._from_start = self._early == start
        self._rest: Frames = iter(())
        self._last = -inf
        self._records: list[Record] = []

    def run(self) -> Iterator[Rewound | None]:
        """All of it."""
        store = Store(self._recording.sessions[self._session].fleet)
        opened = Opening(store, Filling(store))
        frame: Frame | None = None
        for after, sparse in self._frames():
            if frame is not None:
                judge = self._judged(frame) or opened.filling.due(frame.mono)
                opened.filling.tick(frame, judge=judge)
            elif self._from_start:
                opened = yield from opening(self._recording, after)
            yield from opened.filling.taking(after, sparse=sparse)
            self._records += news(after)
            frame = after
            yield None
        if frame is None:
            raise RecordingError(_NOTHING)
        if not self._whole:
            opened = self._as_shown(opened, frame)
        for snapshot in opened.picture(frame):
            yield (
                Rewound(opened, frame, snapshot, self._rest, tuple(self._records), self._whole)
                if snapshot is not None
                else None
            )

    def _judged(self, frame: Frame) -> bool:
        return self._whole or frame.at > self._judging

    def _as_shown(self, opened: Opening, frame: Frame) -> Opening:
        """Markers are those that were shown by then, and the watch is as old as it was."""
        began = opened.began if opened.began is not None else frame.mono - (frame.at - self._began)
        opened.store.recollect(shown(self._recording, frame.at), began)
        return opened._replace(began=began)

    def _frames(self) -> Iterator[tuple[Frame, bool]]:
        """The session's frames up to the moment, each once, and whether it is of a sparse reading."""
        if not self._whole:
            for frame in self._recording.frames(self._early, self._plain, sparse=True):
                if self._own(frame):
                    yield frame, True
        self._rest = rest = self._recording.frames(self._plain)
        for frame in rest:
            if frame.session > self._session or (self._last > -inf and frame.at > self._at):
                self._rest = chain((frame,), rest)
                return
            if self._own(frame):
                yield frame, False

    def _own(self, frame: Frame) -> bool:
        """Whether it is one of the session that was not there yet."""
        if frame.session != self._session or frame.mono <= self._last:
            return False
        self._last = frame.mono
        return True
