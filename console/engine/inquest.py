"""Plays a window of a recording once more and gathers the facts of it: what a post-mortem is written from."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.journal import Record, RecordKind
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Frame, RecordingError
from console.domain.release import Release
from console.domain.report import Facts, Stretch, Tape, Watched
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine._answers import Moments, answered
from console.engine._findings import Findings, done, known_good
from console.engine._window_parts import Part, parts
from console.engine.rewind import Opening, Rewound, opening, rewinding
from console.ports import Recording

# Rows of models made in all: more of them take longer than anyone waits for a report.
_ROWS = 150_000
# What is told from before the first alert, and from after the last.
_BEFORE_S, _AFTER_S = 600.0, 300.0
# A frame comes that much early or late.
_NEARLY_S = 0.05
_GAP_REFRESHES, _GAP_S, _SPARSE_GAP_S = 5.0, 15.0, 25.0

Look = Callable[[Snapshot, str], Awaitable[Walk]]
"""Walks the runbook that fits best for a model on a picture."""
Tell = Callable[[float], None]
"""Hears how much of the window was played, 0-1."""


class Case(NamedTuple):
    """What a report is about, and what besides the recording is known of it.

    ``records`` are the journal's, ``releases`` all that are known. ``markers`` and ``walks`` count where there is no
    recording. ``missing`` are sentences about what could not be had. ``written`` is now, ``console`` this version.
    """

    window: Stretch
    written: float
    console: str = ""
    incident: Incident | None = None
    records: Sequence[Record] = ()
    releases: Sequence[Release] = ()
    markers: Sequence[Marker] = ()
    walks: Sequence[Walk] = ()
    missing: tuple[str, ...] = ()


async def inquest(recording: Recording, case: Case, look: Look, tell: Tell = lambda _: None) -> Facts:
    """The facts of the window as the recording tells them; other tasks run in between.

    Raises RecordingError where no frame can be read.
    """
    window = case.window
    markers = _within(recording.markers, window)
    walks = [walk for walk in recording.walks if window.since <= walk.at <= window.until]
    acted = (record.at for record in case.records if record.kind is RecordKind.BEGIN)
    moments = Moments(markers, walks, window, acted)
    playing = _Playing(recording, window, parts(markers, window, recording.until), moments)
    for snapshot, models in playing.pictures():
        for model in models:
            moments.answer(model, await look(snapshot, model))
        tell(min(1.0, (snapshot.at - window.since) / max(window.seconds, 1.0)))
        await asyncio.sleep(0)
    found = playing.findings
    served = found.served()
    return Facts(
        fleet=found.fleet,
        window=window,
        written=case.written,
        console=case.console,
        incident=case.incident or _incident(found.incidents, window),
        tape=playing.tape(),
        impacts=found.impacts(),
        gateways=found.gateways(),
        alerts=found.spans.within(window.since, recording.markers),
        markers=markers,
        answers=answered(walks, moments.walks),
        done=done((*found.records, *case.records), window, found.fleet),
        served=served,
        targets=found.targets(),
        releases=known_good(case.releases, window, served),
        remains=found.remains(),
        contracts=found.contracts(),
        missing=case.missing,
    )


def unrecorded(fleet: Fleet, case: Case) -> Facts:
    """What is known without a recording: what was done and said, and no figures."""
    return Facts(
        fleet=fleet,
        window=case.window,
        written=case.written,
        console=case.console,
        incident=case.incident,
        markers=_within(case.markers, case.window),
        answers=answered(case.walks, ()),
        done=done(case.records, case.window, fleet),
        targets=tuple(Watched(target.name, target.url) for target in fleet.targets),
        releases=known_good(case.releases, case.window, ()),
        missing=case.missing,
    )


class _Playing:
    """One playing of the window."""

    def __init__(self, recording: Recording, window: Stretch, read: Sequence[Part], moments: Moments) -> None:
        self._recording = recording
        self._window = window
        self._parts = read
        self._moments = moments
        self._start = _last(rewinding(recording, window.since))
        fleet = self._start.snapshot.fleet
        self._gap_s = max(_GAP_S, _GAP_REFRESHES * fleet.refresh)
        rows = max(len(self._start.snapshot.models), 1)
        self._every = max(fleet.refresh, window.seconds * rows / _ROWS)
        self._gaps: list[Stretch] = []
        self._looks = 0
        self.findings = Findings(fleet)

    def pictures(self) -> Iterator[tuple[Snapshot, tuple[str, ...]]]:
        """Every picture that is looked at, with the models whose triage is due on it."""
        found, before = self.findings, self._start.frame
        if before.at > self._window.since + self._gap_s:
            self._gaps.append(Stretch(self._window.since, before.at, "the recording begins later"))
        yield self._look(self._start.snapshot, 0.0), ()
        opened, unseen, looked = self._start.opening, 0.0, before.at
        for frame, sparse in self._frames():
            unseen += self._step(before, frame, sparse=sparse)
            if frame.session != before.session:
                found.begin_session()
                opened = _opened(opening(self._recording, frame))
            found.take(frame)
            opened.filling.take(frame, sparse=sparse)
            before, due = frame, self._moments.due(frame.at)
            if due or frame.at - looked >= self._every - _NEARLY_S:
                yield self._look(_picture(opened, frame), unseen), due
                unseen, looked = 0.0, frame.at
            else:
                opened.store.advance(frame.at, frame.mono)
        if looked < before.at:
            yield self._look(_picture(opened, before), unseen), ()
        if self._window.until > before.at + self._gap_s:
            self._gaps.append(Stretch(before.at, self._window.until, "the recording ends before"))

    def tape(self) -> Tape:
        """The recording, and what of the window is not in it."""
        recording = self._recording
        return Tape(
            path=recording.path,
            since=recording.since,
            until=recording.until,
            consoles=tuple(dict.fromkeys(s.console for s in recording.sessions if s.console)),
            sessions=len(recording.sessions),
            gaps=tuple(self._gaps),
            problems=tuple(recording.problems),
            looks=self._looks,
            every_s=self._every,
        )

    def _frames(self) -> Iterator[tuple[Frame, bool]]:
        """The frames after the first picture, and whether each is one of a sparse reading; those before say where the
        counters stood.
        """
        last = self._start.frame
        for number, part in enumerate(self._parts):
            for frame in self._recording.frames(last.at, part.until, sparse=part.sparse):
                if (frame.session, frame.mono) > (last.session, last.mono):
                    last = frame
                    yield frame, part.sparse
                elif number == 0:
                    self.findings.take(frame, counts=False)

    def _step(self, before: Frame, frame: Frame, *, sparse: bool) -> float:
        """The seconds between two frames that were watched; a gap is noted, and was not."""
        seconds = max(0.0, frame.at - before.at)
        if seconds <= (max(self._gap_s, _SPARSE_GAP_S) if sparse else self._gap_s):
            return seconds
        why = "no console recorded" if frame.session != before.session else "nothing readable was recorded"
        self._gaps.append(Stretch(before.at, frame.at, why))
        return 0.0

    def _look(self, snapshot: Snapshot, seconds: float) -> Snapshot:
        self._looks += 1
        self.findings.look(snapshot, seconds)
        return snapshot


def wrong(recording: Recording) -> Stretch:
    """The stretch of a recording in which something was wrong, as its alerts tell, with some time around; else all of it."""
    alerts = [marker for marker in recording.markers if marker.kind is MarkerKind.ALERT]
    if not alerts:
        return Stretch(recording.since, recording.until, "all of the recording")
    since = max(recording.since, alerts[0].at - _BEFORE_S)
    until = min(recording.until, alerts[-1].at + _AFTER_S)
    return Stretch(since, max(since, until), "where its alerts tell that something was wrong")


def _picture(opened: Opening, frame: Frame) -> Snapshot:
    """The picture of a frame whose inputs were taken."""
    found = [snapshot for snapshot in opened.picture(frame) if snapshot is not None]
    return found[-1]


def _opened(way: Generator[None, None, Opening]) -> Opening:
    """What a way leads to, gone without a rest."""
    while True:
        try:
            next(way)
        except StopIteration as end:
            return cast("Opening", end.value)


def _last(found: Iterable[Rewound | None]) -> Rewound:
    rewound = next((each for each in found if each is not None), None)
    if rewound is None:
        raise RecordingError("no frame of the recording can be read")
    return rewound


def _within(markers: Iterable[Marker], window: Stretch) -> tuple[Marker, ...]:
    return tuple(marker for marker in markers if window.since <= marker.at <= window.until)


def _incident(incidents: Sequence[Incident], window: Stretch) -> Incident | None:
    """The newest incident that the recording tells of within the window."""
    known = (
        i
        for i in reversed(incidents)
        if i.opened <= window.until and (i.closed or window.until) >= window.since
    )
    return next(known, None)
