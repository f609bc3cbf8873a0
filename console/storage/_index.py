"""What stands where in a recording: the way from a time to a chunk, and from a chunk to its session."""

import struct
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from console.domain.recording import Session
from console.storage._bare import bare
from console.storage._codec import decode_session
from console.storage._frames import (
    DIGEST_SIZE,
    FRAMES,
    HEAD_SIZE,
    RUN_SIZE,
    SECTIONS,
    Chunk,
    DamagedError,
    Kind,
    inflate,
)
from console.storage._scan import Scan, read_chunk
from console.storage._span import Span

_PART = struct.Struct("<I")


class Head(NamedTuple):
    """A section's beginning: where in the chunks, the run it belongs to, and its number (from 0) within that."""

    position: int
    run: bytes
    part: int
    session: int


class Index:
    """Of one scan; ``sessions`` are its runs, oldest first, ``unread`` where the damaged heads of sections are.

    ``since`` and ``until`` are the earliest and the latest time of a frame, epoch seconds.
    """

    def __init__(self, span: Span, found: Scan) -> None:
        self.chunks = found.chunks
        self.sessions: list[Session] = []
        self.unread: list[int] = []
        self.heads = self._heads(span)
        self.keys = [n for n, chunk in enumerate(self.chunks) if chunk.kind == Kind.KEY]
        self._times = [self.chunks[n].at for n in self.keys]
        self._runs = _runs(self._times)
        times = [chunk.at for chunk in self.chunks if chunk.kind in FRAMES]
        self.since, self.until = min(self._times, default=0.0), max(times, default=0.0)
        self._positions = [head.position for head in self.heads]
        self.blobs = _blobs(span, self.chunks)

    def session(self, position: int) -> int | None:
        """The number of the session that a chunk belongs to, None where its section's head is lost."""
        place = bisect_right(self._positions, position)
        section = self.chunks[position].section
        if place and self._section(place - 1) == section:
            return self.heads[place - 1].session
        # A run's sections are numbered one after the other.
        follows = place < len(self.heads) and self._section(place) == (section + 1) % SECTIONS
        return self.heads[place].session if follows and self.heads[place].part > 0 else None

    def key(self, at: float) -> int:
        """Which of ``keys`` is the last at or before a time, the first where all are later.

        A clock that was set back has two keys for a time: the nearer one is meant, or else the later.
        """
        found = ((bisect_right(self._times, at, begin, end) - 1, begin) for begin, end in self._runs)
        before = [(self._times[place], place) for place, begin in found if place >= begin]
        return max(before)[1] if before else 0

    def start(self, key: int) -> int:
        """Where the chunks of a key's tick begin: what it shows and what happens once stand before it."""
        position = self.keys[key]
        while position and self.chunks[position - 1].kind not in {*FRAMES, Kind.GAP, Kind.END}:
            position -= 1
        return position

    def _section(self, head: int) -> int:
        return self.chunks[self.heads[head].position].section

    def _heads(self, span: Span) -> Sequence[Head]:
        heads: list[Head] = []
        for position, chunk in enumerate(self.chunks):
            if chunk.kind != Kind.SESSION:
                continue
            try:
                run, part, session = read_head(read_chunk(span, chunk))
            except DamagedError:
                self.unread.append(position)
                continue
            if not heads or heads[-1].run != run:
                self.sessions.append(session)
            heads.append(Head(position, run, part, len(self.sessions) - 1))
        return heads


def write_head(run: bytes, part: int, packed: bytes) -> bytes:
    """The payload of a section's head; ``packed`` is the compressed session."""
    return run + _PART.pack(part) + packed


def read_head(payload: bytes) -> tuple[bytes, int, Session]:
    """Run, part and session of a section's head; raises DamagedError."""
    start = RUN_SIZE + _PART.size
    if len(payload) < start:
        raise DamagedError("a section's head is too short")
    (part,) = _PART.unpack_from(payload, RUN_SIZE)
    try:
        session = decode_session(inflate(payload[start:]))
    except ValueError as error:
        raise DamagedError(str(error)) from error
    return payload[:RUN_SIZE], part, session._replace(fleet=bare(session.fleet))


def _blobs(span: Span, chunks: Sequence[Chunk]) -> Mapping[bytes, Sequence[Chunk]]:
    found: dict[bytes, list[Chunk]] = {}
    for chunk in chunks:
        if chunk.kind == Kind.BLOB:
            digest = span.read(chunk.offset + HEAD_SIZE, DIGEST_SIZE)
            found.setdefault(digest, []).append(chunk)
    return found


def _runs(times: Sequence[float]) -> Sequence[tuple[int, int]]:
    """The stretches in which time only goes forward."""
    begins = [n for n in range(1, len(times)) if times[n] < times[n - 1]]
    return list(zip([0, *begins], [*begins, len(times)], strict=True))
