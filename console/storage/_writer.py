"""What the recorder's thread does: ticks to chunks, chunks to the file, and patience with a disk that is full."""

from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import NamedTuple

from console.domain.marker import Marker
from console.domain.recording import Bounds, Frame, Input, RecordingError, Session
from console.domain.secret import Secret
from console.domain.text import visible
from console.domain.triage import Walk
from console.storage._files import advice
from console.storage._scribe import Scribe, Sections, first_shown, thinned
from console.storage._tape import Tape

# How often what was written is brought to the disk itself: as much is lost at most with the power.
_SYNC_S = 10.0
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
_WALKS = 100
# A file may be over its bounds by an eighth before it is trimmed, and over its bytes for what is pinned by this.
_SLACK = 8
_PINNED = 4
# So much of the room that is left may be taken while a file is trimmed.
_ROOM = 0.8
_SMALLEST_SECTION = 2**20


class Tick(NamedTuple):
    """One tick as the recorder was told of it."""

    at: float
    mono: float
    inputs: Sequence[Input]
    markers: Sequence[Marker]


class Run(NamedTuple):
    """What is recorded, and how much is kept of it.

    ``tidy`` is called with the time (epoch seconds) whenever a section begins, to bound what is beside the file.
    """

    session: Session
    bounds: Bounds
    secrets: Sequence[Secret]
    pinned: Callable[[], float | None]
    tidy: Callable[[float], None] = lambda _: None


class Writer:
    """Writes ticks in their order; never raises. All times are those of the ticks.

    ``bytes``, ``since`` (epoch seconds) and ``lost`` are for whoever shows how it fares.
    """

    def __init__(self, path: Path, run: Run) -> None:
        self._run = run
        self._tape = Tape(path)
        self._scribe = Scribe(run.session, run.secrets, _sections(run.bounds), self._tape.section)
        self._left: list[Input] = []
        self._walks: list[Walk] = []
        self._markers: Sequence[Marker] = ()
        self._synced = -inf
        self._again = -inf
        self._wait = 0.0
        self._newest = run.session.began
        self._failure = ""
        self._trouble = ""
        self.lost = 0
        self._tell()

    @property
    def problem(self) -> str:
        """Why it does not write, or what is wrong although it does."""
        return self._failure or self._trouble

    def tick(self, tick: Tick) -> None:
        """Write a tick, or keep what the next one needs of it."""
        inputs = [*self._left, *tick.inputs]
        if tick.mono < self._again:
            self._lose(inputs)
            return
        try:
            begun = self._write(tick, inputs)
        except Exception as error:  # noqa: BLE001 - odd data must not end the recording
            self._fail(tick, _why(error))
        else:
            self._keep_up(tick, begun=begun)
        self._tell()

    def walk(self, walk: Walk) -> None:
        """Keep an answer of the triage; it is written with the next tick."""
        self._walks = [*self._walks, walk][-_WALKS:]

    def missed(self, ticks: int) -> None:
        """So many ticks could not be handed over."""
        self.lost += ticks
        self._scribe.key_next()

    def close(self) -> None:
        """End the file."""
        try:
            self._tape.append(self._said() + self._scribe.end(self._newest))
            self._tape.sync()
        except Exception as error:  # noqa: BLE001 - there is nobody left to be told of more
            self._failure = _why(error)
        self._tell()
        self._tape.close()

    def _write(self, tick: Tick, inputs: list[Input]) -> bool:
        """Write a tick; whether a section began with it. Raises OSError, and what an encoder makes of odd data."""
        shown = first_shown(tick.markers, self._markers)
        # Whatever comes of it: odd inputs are not tried again, and what fails to be written is lost but for its state.
        self._left = []
        before = self._scribe.section_count
        chunks = self._scribe.frame(Frame(0, tick.at, tick.mono, tuple(inputs), shown))
        begun = self._scribe.section_count != before
        self._left = thinned(inputs)
        self._tape.append(chunks + self._said(), tick.at if begun else None)
        self._left = []
        self._walks = []
        self._markers = tick.markers
        self._newest = tick.at
        self._wait = 0.0
        self._failure = ""
        return begun

    def _said(self) -> bytes:
        return b"".join(map(self._scribe.walk, self._walks))

    def _keep_up(self, tick: Tick, *, begun: bool) -> None:
        """What is to be done besides writing; where it fails the ticks are written all the same."""
        syncing = not 0 <= tick.mono - self._synced < _SYNC_S
        try:
            if begun:
                self._trim(tick.at)
                self._run.tidy(tick.at)
            self._tape.work()
            if syncing:
                self._synced = tick.mono
                self._tape.sync()
                if self._tape.lost:
                    self._anew()
        except Exception as error:  # noqa: BLE001 - as above: none of it may end the recording
            self._trouble = _why(error)
        else:
            self._trouble = "" if syncing else self._trouble

    def _anew(self) -> None:
        """Somebody removed the file, or put another one there: what is written from here on goes to its path again."""
        path = self._tape.path
        again = Tape(path)
        self._tape.close()
        self._tape = again
        self._scribe.section = again.section
        self._scribe.broken()

    def _trim(self, now: float) -> None:
        """Drop the oldest sections where the file is over its bounds by more than the slack."""
        bounds, tape = self._run.bounds, self._tape
        marks, size = tape.marks, tape.size
        old = bounds.seconds is not None and now - marks[0].at > bounds.seconds * (1 + 1 / _SLACK)
        big = bounds.bytes is not None and size > bounds.bytes * (1 + 1 / _SLACK)
        if not (old or big):
            return
        by_age = sum(1 for m in marks if bounds.seconds is not None and m.at <= now - bounds.seconds) - 1
        # What is kept is copied beside the file first, and must fit there.
        most = min(bounds.bytes if bounds.bytes is not None else size, int(tape.room * _ROOM))
        by_size = sum(1 for m in marks if size - m.offset > most)
        wanted = max(by_age, by_size)
        pin = self._run.pinned()
        if pin is not None:
            by_pin = sum(1 for m in marks if m.at <= pin) - 1
            far = bounds.bytes is not None and size > bounds.bytes * _PINNED
            wanted = max(min(wanted, by_pin), by_size if far else 0)
        tape.drop(min(wanted, len(marks) - 1))

    def _fail(self, tick: Tick, why: str) -> None:
        self._failure = why
        self._scribe.broken()
        self._wait = min(max(2 * self._wait, _FIRST_WAIT_S), _LONGEST_WAIT_S)
        self._again = tick.mono + self._wait
        self._lose(self._left)

    def _lose(self, inputs: list[Input]) -> None:
        self.lost += 1
        self._left = thinned(inputs)

    def _tell(self) -> None:
        self.bytes = self._tape.size
        self.since = self._tape.marks[0].at if self._tape.marks else self._run.session.began


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return advice(error)
    return (
        str(error) if isinstance(error, RecordingError) else f"{type(error).__name__}: {visible(str(error))}"
    )


def _sections(bounds: Bounds) -> Sections:
    """Small enough for the bounds: a file is trimmed by whole sections."""
    seconds, size = Sections()
    if bounds.seconds is not None:
        seconds = min(seconds, bounds.seconds / _SLACK)
    if bounds.bytes is not None:
        size = max(bounds.bytes / _SLACK, _SMALLEST_SECTION)
    return Sections(seconds, size)
