"""Where a replay stands in its recording, and how it gets elsewhere, in short stretches of work."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from math import inf

from console.domain.journal import Record
from console.domain.recording import Frame
from console.domain.snapshot import Snapshot
from console.engine.rewind import QUICK, THOROUGH, Depth, Opening, news, opening, rewinding
from console.ports import Recording

# So far ahead is played rather than sought: that is as quick, and exact.
_NEAR_S = 60.0
# How far back a frame before this one is looked for at first.
_LOOK_BACK_S = 15.0

Work = Iterator[None]
"""Something that takes a while; whoever runs it may do other things in between."""


class Cursor:
    """One place in a recording: its frame, its picture, the journal as far as it was read, whether there is more.

    ``seeking`` must have ended once before the others are asked.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._opened: Opening | None = None
        self._rest: Iterator[Frame] = iter(())
        self._ahead: Frame | None = None
        self.frame: Frame | None = None
        self.snapshot: Snapshot | None = None
        self.records: list[Record] = []
        self.fine = False

    @property
    def at(self) -> float:
        """The time of its frame (epoch seconds); before any, that of the recording's start."""
        return self._recording.since if self.frame is None else self.frame.at

    @property
    def ended(self) -> bool:
        """Whether there is no frame after this one."""
        return self.frame is not None and self.ahead is None

    @property
    def ahead(self) -> Frame | None:
        """The frame after this one."""
        if self._ahead is None:
            self._ahead = next(self._rest, None)
        return self._ahead

    def seeking(self, at: float) -> Work:
        """Go to the last frame at or before a time (epoch seconds); ``fine`` says whether all is known there."""
        if self.frame is not None and self.frame.at <= at <= self.frame.at + _NEAR_S:
            while self.ahead is not None and self.frame.at < self.ahead.at <= at:
                yield from self.onward(picture=True)
            # Where the clock was set back, what is ahead is not what is later.
            if self.ahead is None or self.ahead.at > at:
                return
        yield from self._rewinding(at, QUICK)

    def refining(self) -> Work:
        """Stay at this frame, and know all of what was before it."""
        yield from self._rewinding(self.at, THOROUGH)

    def _rewinding(self, at: float, depth: Depth) -> Work:
        for found in rewinding(self._recording, at, depth):
            if found is not None:
                self._opened, self._rest, self._ahead = found.opening, found.rest, None
                self.frame, self.snapshot = found.frame, found.snapshot
                self.records = list(found.records)
                self.fine = found.whole or depth is THOROUGH
            yield

    def onward(self, *, picture: bool) -> Work:
        """Go to the next frame; without its picture that is cheaper. At the end it stays where it is."""
        frame, self._ahead = self.ahead, None
        if frame is None:
            return
        if self._opened is None or self.frame is None or frame.session != self.frame.session:
            self._opened = yield from opening(self._recording, frame)
        yield from self._opened.filling.taking(frame, sparse=False)
        self.records += news(frame)
        self.frame = frame
        if picture:
            yield from self.pictured()
        else:
            self._opened.filling.tick(frame, judge=self._opened.filling.due(frame.mono))

    def pictured(self) -> Work:
        """Have the picture of this frame, where it was passed without."""
        if self._opened is None or self.frame is None:
            return
        if self.snapshot is None or self.snapshot.at != self.frame.at:
            for snapshot in self._opened.picture(self.frame):
                self.snapshot = snapshot or self.snapshot
                yield

    def before(self, frames: int) -> float:
        """The time of the frame so many before this one, of the first if there are fewer."""
        back = _LOOK_BACK_S
        while True:
            times = [frame.at for frame in self._recording.frames(self.at - back, self.at)]
            place = bisect_left(times, self.at) - frames
            if place >= 0:
                return times[place]
            if self.at - back <= self._recording.since:
                return self._recording.since
            back *= 4

    def marked(self, markers: int) -> float:
        """The time of the first frame that shows the next marker, or the one before this frame where negative.

        Where there is none, it is that of the recording's end or start.
        """
        times = sorted({marker.at for marker in self._recording.markers})
        if markers > 0:
            place = bisect_right(times, self.at) + markers - 1
        else:
            place = bisect_right(times, self.before(1)) + markers if self.at > self._recording.since else -1
        if place < 0:
            return self._recording.since
        return self._showing(times[place]) if place < len(times) else self._recording.until

    def _showing(self, at: float) -> float:
        """The time of the first frame that can show what was at a time."""
        frames = self._recording.frames(at, inf)
        return next((frame.at for frame in frames if frame.at >= at), self._recording.until)
