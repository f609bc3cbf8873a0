"""Fills a store with frames of another watch, in its own time and under its own names."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from console.domain.around import LinkReading
from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.prospect import TargetsReading
from console.domain.recording import Frame, Input, Session
from console.domain.sample import Sample
from console.domain.triton import TritonReading
from console.engine.feed import feed
from console.engine.store import Store
from console.ports import Recording

RECALL_S = 3600.0
"""So much of what was before a watch is remembered by it, in seconds."""

# Alerts are judged so often while a store is filled: they know to this much since when they hold.
_JUDGED_S = 60.0
# Inputs taken in one go.
_STRETCH = 20


def targets_first(inputs: Sequence[Input]) -> Sequence[Input]:
    """The inputs in their order, but first of all which targets there are."""
    told = [entry for entry in inputs if _tells_targets(entry)]
    return [*told, *(entry for entry in inputs if not _tells_targets(entry))] if told else inputs


def _tells_targets(entry: Input) -> bool:
    return isinstance(entry, Sample) and isinstance(entry.reading, TargetsReading)


class Filling:
    """Takes frames in their order; a sample that it had already is none, and what comes seldom is not stale for that."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: dict[str, float] = {}
        self._last: float | None = None
        self._judged = -inf

    def due(self, mono: float) -> bool:
        """Whether it is time to judge alerts."""
        return mono - self._judged >= _JUDGED_S

    def take(self, frame: Frame, *, sparse: bool) -> None:
        """The inputs of one frame, in the store's own monotonic time; a tick comes after them."""
        for _ in self.taking(frame, sparse=sparse):
            pass

    def taking(self, frame: Frame, *, sparse: bool) -> Iterator[None]:
        """``take`` in short stretches of work."""
        between = 0.0 if self._last is None else frame.mono - self._last
        # Where each source has its newest, the order is that in which they came last, and not in which they began.
        inputs = targets_first(frame.inputs) if sparse or self._last is None else frame.inputs
        self._last = frame.mono
        for number, entry in enumerate(inputs, 1):
            if number % _STRETCH == 0:
                yield
            if not isinstance(entry, Sample):
                feed(self._store, entry)
            elif self._new(entry):
                every = max(entry.every, between) if sparse else entry.every
                feed(self._store, entry._replace(every=every))

    def tick(self, frame: Frame, *, judge: bool) -> None:
        """Close the frame: with a picture and alerts, or with history alone."""
        if judge:
            self._judged = frame.mono
            self._store.tick(frame.at, frame.mono)
        else:
            self._store.advance(frame.at, frame.mono)

    def _new(self, sample: Sample) -> bool:
        if sample.mono <= self._newest.get(sample.source, -inf):
            return False
        self._newest[sample.source] = sample.mono
        return True


class Stretch(NamedTuple):
    """What a store was filled with: from when to when (epoch seconds), and since when it was a watch (monotonic)."""

    since: float
    until: float
    began: float | None


class Refill:
    """Feeds a store that has not ticked yet with what another watch saw before a moment (epoch and monotonic seconds).

    Targets are those with the same URL, and those that were found; of the sources that have no target, ``polled`` are kept (None: all).
    """

    def __init__(
        self,
        store: Store,
        fleet: Fleet,
        moment: tuple[float, float],
        polled: Collection[str] | None = None,
    ) -> None:
        self._store = store
        self._filling = Filling(store)
        self._by_url = {target.url: target.name for target in fleet.targets}
        self._at, self._mono = moment
        self._polled = polled
        self._session = -1
        self._unfolding = fleet.unfolding
        self._listed: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._shift = 0.0
        self._since: float | None = None
        self._until = self._last = -inf
        self._began: float | None = None

    @property
    def stretch(self) -> Stretch | None:
        """What it has fed; None before anything."""
        return None if self._since is None else Stretch(self._since, self._until, self._began)

    def take(self, frame: Frame, session: Session) -> None:
        """One frame of a sparse reading; those that do not lie between the one before and the moment are left out."""
        if frame.session != self._session:
            self._begin(frame, session)
        mono = frame.mono + self._shift
        inputs = tuple(self._own(targets_first(frame.inputs)))
        if not self._last < mono <= self._mono or frame.at > self._at or not inputs:
            return
        if self._began is None and any(map(_watches, inputs)):
            self._began = mono
        own = frame._replace(mono=mono, inputs=inputs)
        self._filling.take(own, sparse=True)
        self._filling.tick(own, judge=self._began is not None and self._filling.due(mono))
        self._since = frame.at if self._since is None else self._since
        self._until, self._last = frame.at, mono

    def _begin(self, frame: Frame, session: Session) -> None:
        """Another run: it has its own monotonic time, and nobody watched since the one before."""
        if self._since is not None:
            self._store.interrupt()
        self._session = frame.session
        self._shift = self._mono - self._at + frame.at - frame.mono
        pairs = ((target.name, self._by_url.get(target.url)) for target in session.fleet.targets)
        self._listed = {old: new for old, new in pairs if new is not None}
        self._names = dict(self._listed)

    def _found(self, reading: TargetsReading) -> dict[str, str]:
        """Those that were found then have their names then, unless they are targets of the settings by now."""
        return {target.name: self._by_url.get(target.url, target.name) for target in reading.targets}

    def _own(self, inputs: Sequence[Input]) -> Iterator[Input]:
        for entry in inputs:
            if isinstance(entry, Sample) and isinstance(entry.reading, TargetsReading):
                if not self._unfolding:
                    continue
                self._names = self._listed | self._found(entry.reading)
            if not isinstance(entry, Sample):
                yield entry
            elif entry.target is not None:
                name = self._names.get(entry.target)
                if name is not None:
                    yield self._timed(_renamed(entry, entry.target, name))
            elif self._polled is None or entry.source in self._polled or _tells_targets(entry):
                yield self._timed(entry)

    def _timed(self, sample: Sample) -> Sample:
        reading = sample.reading
        if isinstance(reading, TritonReading):
            reading = replace(
                reading,
                statistics_at=self._shifted(reading.statistics_at),
                counters_at=self._shifted(reading.counters_at),
            )
        return sample._replace(mono=sample.mono + self._shift, reading=reading)

    def _shifted(self, mono: float | None) -> float | None:
        return None if mono is None else mono + self._shift


def _renamed(sample: Sample, old: str, new: str) -> Sample:
    kind, _, rest = sample.source.partition(":")
    reading = sample.reading
    if isinstance(reading, LinkReading):
        reading = reading._replace(target=new)
    return sample._replace(source=f"{kind}:{new}{rest.removeprefix(old)}", target=new, reading=reading)


def _watches(entry: Input) -> bool:
    """Whether it is from somebody who sees loads and unloads; counters alone do not tell them."""
    return (
        isinstance(entry, Sample)
        and isinstance(entry.reading, TritonReading)
        and entry.reading.index is not None
    )


def refilling(
    refill: Refill, recording: Recording, since: float, until: float, before: int | None = None
) -> Iterator[int]:
    """Feed a stretch (epoch seconds) of a recording, or of its sessions ``before`` one; yields the frames done."""
    sessions = recording.sessions
    for done, frame in enumerate(recording.frames(since, until, sparse=True), 1):
        if before is not None and frame.session >= before:
            return
        if frame.at >= since:
            refill.take(frame, sessions[frame.session])
        yield done


def recollected(store: Store, recording: Recording, stretch: Stretch, at: float) -> None:
    """End the filling: markers are those that were shown, and nobody watched since."""
    if stretch.began is not None:
        store.recollect(shown(recording, at), stretch.began)
    store.interrupt()


def shown(recording: Recording, at: float) -> Iterator[Marker]:
    """The markers of up to a time (epoch seconds), each once."""
    return (marker for marker in dict.fromkeys(recording.markers) if marker.at <= at)
