"""Plays a recording: what the screens see as the engine in a replay."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from typing import NamedTuple

from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.recording import SPEEDS, Playback
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine._cursor import Cursor, Work
from console.engine.replay_door import ReplayDoor
from console.ports import Clock, Incidents, Recording, Triage

SHOWN_S = 0.1
"""Pictures are published this far apart at least, in seconds."""
LONGEST_WAIT_S = 5.0
"""What nobody recorded is skipped: between two frames lie so many seconds of the recording at most."""
# So late, history is kept and pictures are made of what is shown alone.
_LATE_S = 0.5

# What cannot be caught up within so long is let go.
_DEBT_S = 2.0
# What takes longer than this to find is said to take a while.
_SAID_S = 0.25

Listener = Callable[[Snapshot], None]


class Kind(Enum):
    """What the keys of a replay wish for; LOOK is the same place shown once more."""

    SEEK = auto()
    STEP = auto()
    JUMP = auto()
    LOOK = auto()


class Wish(NamedTuple):
    """One wish: a time to seek (epoch seconds), or how many frames or markers to go on, back where negative."""

    kind: Kind
    amount: float


class Player:
    """A recording on the clock: paused, stepped, sped up and sought; its snapshots are those that were shown live.

    Its controls return at once; what they do is seen in the next snapshot's ``playback``.
    """

    def __init__(self, recording: Recording, clock: Clock, triage: Triage, who: str = "") -> None:
        self.snapshot: Snapshot | None = None
        self._recording = recording
        self._clock = clock
        self._triage = triage
        self._door = ReplayDoor(who)
        self._cursor = Cursor(recording)
        self._listeners: list[Listener] = []
        self._wishes = [Wish(Kind.SEEK, recording.since)]
        self._wished = asyncio.Event()
        self._speed = 1.0
        self._paused = False
        self._due = self._published = 0.0

    @property
    def fleet(self) -> Fleet:
        """The fleet of the session that is played, read-only."""
        frame, sessions = self._cursor.frame, self._recording.sessions
        return replace(sessions[frame.session if frame else 0].fleet, read_only=True)

    @property
    def player(self) -> "Player":
        """Itself: an engine that plays has one."""
        return self

    @property
    def door(self) -> ReplayDoor:
        """What was done; nothing can be."""
        return self._door

    @property
    def triage(self) -> Triage:
        """The way from a snapshot to a cause."""
        return self._triage

    @property
    def trials(self) -> None:
        """Nothing: a replay asks no server."""
        return None

    @property
    def incidents(self) -> Incidents:
        """Raises RuntimeError: a replay opens and closes none."""
        raise RuntimeError("a replay has no incidents of its own")

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener`` with each new snapshot, on the loop that runs the player."""
        self._listeners.append(listener)

    def mark(self, marker: Marker) -> None:
        """Nothing: a recording is not written to."""

    def tell(self, walk: Walk) -> None:
        """Nothing: a recording is not written to."""

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002 - the name that alerts have
        """Nothing: silences are those of the recording."""

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002 - the name that alerts have
        """Nothing: silences are those of the recording."""

    def toggle(self) -> None:
        """Pause, or go on; at the end, play it from the beginning."""
        if self._cursor.ended and not self._wishes:
            self._paused = False
            self.seek(self._recording.since)
        else:
            self._paused = not self._paused
            self._wish(Kind.LOOK)

    def step(self, frames: int) -> None:
        """Pause, and go so many frames on, or back where negative."""
        self._paused = True
        self._wish(Kind.STEP, frames)

    def jump(self, markers: int) -> None:
        """Pause where the next marker is first shown, or the previous one where negative."""
        self._paused = True
        self._wish(Kind.JUMP, markers)

    def faster(self) -> None:
        """Twice as fast, up to 64 times."""
        self._speed = SPEEDS[min(SPEEDS.index(self._speed) + 1, len(SPEEDS) - 1)]
        self._wish(Kind.LOOK)

    def slower(self) -> None:
        """Half as fast, down to a quarter."""
        self._speed = SPEEDS[max(SPEEDS.index(self._speed) - 1, 0)]
        self._wish(Kind.LOOK)

    def seek(self, at: float) -> None:
        """Go to the last frame at or before a time (epoch seconds), within what there is."""
        self._wishes.clear()
        self._wish(Kind.SEEK, min(max(at, self._recording.since), self._recording.until))

    async def run(self) -> None:
        """Play and publish until cancelled; raises RecordingError where no frame can be read."""
        while True:
            if self._wishes:
                await self._grant()
                continue
            # Set by a wish that was granted with those before it, it would end every wait at once.
            self._wished.clear()
            if not self._cursor.fine:
                await self._refine()
            elif self._paused or self._cursor.ended:
                await self._wished.wait()
            else:
                await self._play()

    async def close(self) -> None:
        """Release the recording."""
        self._recording.close()
        await self._triage.close()

    def _wish(self, kind: Kind, amount: float = 0.0) -> None:
        """Ask for something; keys that are held down are one wish."""
        last = self._wishes[-1] if self._wishes else None
        if last is not None and last.kind is kind:
            self._wishes.pop()
            amount += last.amount
        self._wishes.append(Wish(kind, amount))
        self._wished.set()

    async def _grant(self) -> None:
        """Do what was wished for, all of it, and show where that leads."""
        while self._wishes:
            await self._done(self._work(self._wishes.pop(0)), seeking=True)
        await self._done(self._cursor.pictured())
        self._due = self._clock.monotonic()
        self._plan()
        self._publish(seeking=not self._cursor.fine)

    async def _refine(self) -> None:
        """Find what is still missing of the past, unless somebody wishes for something else."""
        for _ in self._cursor.refining():
            if self._wishes:
                return
            await asyncio.sleep(0)
        self._due = self._clock.monotonic()
        self._plan()
        self._publish()

    def _work(self, wish: Wish) -> Work:
        cursor = self._cursor
        match wish.kind:
            case Kind.SEEK:
                yield from cursor.seeking(wish.amount)
            case Kind.JUMP if wish.amount:
                yield from cursor.seeking(cursor.marked(int(wish.amount)))
            case Kind.STEP if wish.amount < 0:
                yield from cursor.seeking(cursor.before(-int(wish.amount)))
            case Kind.STEP:
                for _ in range(int(wish.amount)):
                    yield from cursor.onward(picture=True)

    async def _play(self) -> None:
        """The next frame at its time, with a picture of it unless it is too late for one."""
        late = self._clock.monotonic() - self._due
        if late < 0:
            await self._wait(-late)
            return
        shown = self._clock.monotonic() - self._published >= SHOWN_S
        await self._done(self._cursor.onward(picture=shown or late < _LATE_S))
        if self._cursor.ended:
            await self._done(self._cursor.pictured())
        self._plan()
        if shown or self._cursor.ended:
            self._publish()

    async def _wait(self, seconds: float) -> None:
        """Until then, or until somebody wishes for something."""
        waits = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._wished.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _plan(self) -> None:
        """When the next frame is due; what cannot be caught up is let go."""
        frame, ahead = self._cursor.frame, self._cursor.ahead
        if frame is None or ahead is None:
            return
        apart = ahead.mono - frame.mono if ahead.session == frame.session else LONGEST_WAIT_S
        self._due += min(max(apart, 0.0), LONGEST_WAIT_S) / self._speed
        self._due = max(self._due, self._clock.monotonic() - _DEBT_S)

    async def _done(self, work: Work, *, seeking: bool = False) -> None:
        """Do it, and let others do theirs in between; what takes long says so."""
        began, said = self._clock.monotonic(), not seeking
        for _ in work:
            if not said and self._clock.monotonic() - began > _SAID_S:
                said = True
                self._publish(seeking=True)
            await asyncio.sleep(0)

    def _publish(self, *, seeking: bool = False) -> None:
        found = self._cursor.snapshot
        if found is None:
            return
        self._door.known(self._cursor.records)
        self._published = self._clock.monotonic()
        recording = self._recording
        playback = Playback(
            path=recording.path,
            since=recording.since,
            until=recording.until,
            speed=self._speed,
            paused=self._paused,
            ended=self._cursor.ended,
            problems=tuple(recording.problems),
            seeking=seeking,
        )
        self.snapshot = replace(found, playback=playback)
        for listener in self._listeners:
            listener(self.snapshot)
