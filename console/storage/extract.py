"""A stretch of a recording as a recording of its own."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeVar

from console.domain.marker import Marker
from console.domain.recording import Frame
from console.domain.triage import Walk
from console.ports import Recording
from console.storage._files import draft_of, open_private, sync, sync_folder, write_all
from console.storage._frames import FILE_HEAD
from console.storage._scribe import Scribe

# As many as a picture shows.
_MARKERS = 2000

T = TypeVar("T")


class Change(Protocol):
    """What becomes of each Session, Frame, Marker and Walk on the way, such as the same without host names."""

    def __call__(self, value: T, /) -> T:
        """The value to write in place of that one."""
        ...


def extract(
    recording: Recording, since: float, until: float, path: Path, *, change: Change | None = None
) -> int:
    """Write the frames of a stretch (epoch seconds), its markers and walks, to a new file; how many frames those are.

    It begins with the last key frame at or before ``since``, which also shows the markers from before. The file has mode
    0600 and appears whole or not at all; without a frame there is none. Raises OSError.
    """
    beside = draft_of(path)
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    descriptor = open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        frames = 0
        write_all(descriptor, FILE_HEAD)
        for chunks, new in _chunks(recording, since, until, change or _as_it_is):
            write_all(descriptor, chunks)
            frames += new
        sync(descriptor)
        if frames:
            beside.replace(path)
            sync_folder(path.parent)
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            beside.unlink()
    return frames


def _as_it_is(value: T, /) -> T:
    return value


def _chunks(recording: Recording, since: float, until: float, change: Change) -> Iterator[tuple[bytes, int]]:
    """The chunks of a tick and how many frames those are: one, or none at the end."""
    walks = [walk for walk in recording.walks if walk.at <= until]
    scribe, session, at = None, -1, since
    for frame in recording.frames(since, until):
        if scribe is None or frame.session != session:
            first = scribe is None
            scribe, ended = _scribe(recording, frame, change, scribe, at)
            session = frame.session
            if ended:
                yield ended, 0
            if first:
                walks = [walk for walk in walks if walk.at >= frame.at]
                frame = frame._replace(shown=_shown(recording.markers, frame))  # noqa: PLW2901 - the first shows more
        at = frame.at
        due = [walk for walk in walks if walk.at <= at]
        walks = walks[len(due) :]
        yield _tick(scribe, frame, due, change), 1
    if scribe is not None:
        yield b"".join([*(scribe.walk(change(walk)) for walk in walks), scribe.end(at)]), 0


def _scribe(
    recording: Recording, frame: Frame, change: Change, before: Scribe | None, at: float
) -> tuple[Scribe, bytes]:
    """Who writes the session of a frame, and the end of the one before."""
    session = change(recording.sessions[frame.session])
    if before is None:
        return Scribe(session), b""
    return Scribe(session, section=before.section + 1), before.end(at)


def _tick(scribe: Scribe, frame: Frame, walks: Iterable[Walk], change: Change) -> bytes:
    changed = change(frame._replace(session=0))
    return b"".join(chain([scribe.frame(changed)], (scribe.walk(change(walk)) for walk in walks)))


def _shown(markers: Sequence[Marker], frame: Frame) -> tuple[Marker, ...]:
    """What the picture of the first frame showed: all that had happened."""
    before = [marker for marker in markers if marker.at <= frame.at and marker not in frame.shown]
    return (*before, *frame.shown)[-_MARKERS:]
