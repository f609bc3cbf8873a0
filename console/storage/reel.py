"""Several recordings as one."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

from console.domain.marker import Marker
from console.domain.recording import Frame, Session
from console.domain.triage import Walk
from console.ports import Recording


class _Part(NamedTuple):
    """A recording, from when to when its frames count, and the number of its first session among all."""

    recording: Recording
    since: float
    until: float
    session: int


class Reel:
    """``ports.Recording`` of several, in the order of time, at least one.

    Where two overlap (two consoles watched at once), the frames of the one that began first count; markers and
    answers are those of both. Closing it closes them.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._all = sorted(recordings, key=lambda each: (each.since, -each.until))
        self._parts = _parts(self._all)
        self.sessions: Sequence[Session] = [s for part in self._parts for s in part.recording.sessions]

    @property
    def path(self) -> str:
        """Where the newest is."""
        return self._parts[-1].recording.path

    @property
    def since(self) -> float:
        """Time of the first frame, epoch seconds."""
        return self._parts[0].since

    @property
    def until(self) -> float:
        """Time of the last frame."""
        return self._parts[-1].until

    @property
    def problems(self) -> Sequence[str]:
        """What of them cannot be read."""
        return [problem for each in self._all for problem in each.problems]

    @property
    def markers(self) -> Sequence[Marker]:
        """Every marker that any of them shows, oldest first."""
        found = dict.fromkeys(marker for each in self._all for marker in each.markers)
        return sorted(found, key=lambda marker: marker.at)

    @property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage in all of them, oldest first."""
        return sorted((walk for each in self._all for walk in each.walks), key=lambda walk: walk.at)

    def frames(self, since: float = -inf, until: float = inf, *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch; see ``ports.Recording``."""
        first = max((n for n, part in enumerate(self._parts) if part.since <= since), default=0)
        for number, part in enumerate(self._parts[first:], first):
            if number > first and part.since > until:
                return
            begin = since if number == first else part.since
            frames = part.recording.frames(begin, min(until, part.until), sparse=sparse)
            if number > first:
                frames = _after(self._parts[number - 1].until, frames, sparse=sparse)
            for frame in frames:
                yield frame._replace(session=frame.session + part.session)

    def close(self) -> None:
        """Release all files."""
        for each in self._all:
            each.close()


def _after(since: float, frames: Iterator[Frame], *, sparse: bool) -> Iterator[Frame]:
    """The frames of a part that may begin within another: nobody goes back to what that told already.

    What was seen up to ``since`` comes with the first frame after it; in a sparse reading each has all of it anyway.
    """
    before: list[Frame] = []
    for frame in frames:
        if frame.at > since:
            yield frame._replace(
                inputs=tuple(each for one in (*before, frame) for each in one.inputs),
                shown=tuple(each for one in (*before, frame) for each in one.shown),
            )
            break
        before = [] if sparse else [*before, frame]
    yield from frames


def _parts(recordings: Sequence[Recording]) -> Sequence[_Part]:
    parts: list[_Part] = []
    for each in recordings:
        since = max(each.since, parts[-1].until) if parts else each.since
        if parts and each.until <= since:
            continue
        session = parts[-1].session + len(parts[-1].recording.sessions) if parts else 0
        parts.append(_Part(each, since, each.until, session))
    return parts
