"""Finds the chunks of a recording by their heads alone, and its way on behind damage."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from console.storage._frames import (
    CHUNK,
    FILE_HEAD,
    HEAD_SIZE,
    PAYLOAD_LIMIT,
    Chunk,
    DamagedError,
    Kind,
    payload_of,
    unpack,
)
from console.storage._span import Span

# A time that leaps is either a clock that was set or a head that is damaged: the checksum tells.
_LEAP_S = 60.0
_BLOCK = 2**20
_KINDS = frozenset(Kind)


class Skipped(NamedTuple):
    """Bytes in the middle that are no chunks, between two times (epoch seconds); None where there is no chunk before."""

    size: int
    since: float | None
    until: float


@dataclass(slots=True)
class Scan:
    """The chunks of a file in their order, a GAP for each damage; ``end`` is where the last whole one ends.

    ``torn`` are the bytes after that, and ``half`` says that they are the beginning of a chunk.
    """

    chunks: list[Chunk] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    end: int = len(FILE_HEAD)
    torn: int = 0
    half: bool = False


def read_chunk(span: Span, chunk: Chunk) -> bytes:
    """The payload of a chunk; raises DamagedError."""
    return payload_of(chunk, span.read(chunk.offset, chunk.end - chunk.offset))


def scan(span: Span) -> Scan:
    """All chunks of format 1. Time is linear in their number, and bounded by the size of what is damaged."""
    return _Scanner(span).scan()


class _Scanner:
    def __init__(self, span: Span) -> None:
        self._span = span
        self._found = Scan()
        # Garbage may be full of what looks like heads of long chunks: checking them all would take for ever.
        self._patience = 2 * span.size + PAYLOAD_LIMIT

    def scan(self) -> Scan:
        found, span, offset = self._found, self._span, len(FILE_HEAD)
        last = None
        while offset < span.size:
            chunk = unpack(span.read(offset, HEAD_SIZE), offset)
            if chunk is None or chunk.end > span.size or (_odd(chunk, last) and not self._whole(chunk)):
                chunk = self._beyond(offset)
                if chunk is None:
                    break
            found.chunks.append(chunk)
            last, offset = chunk, chunk.end
        self._finish()
        return found

    def _beyond(self, offset: int) -> Chunk | None:
        """The first whole chunk behind a damage that shows at ``offset``; the chunk before may be why it does."""
        chunks = self._found.chunks
        while chunks and chunks[-1].end == offset and not self._whole(chunks[-1]):
            offset = chunks.pop().offset
        chunk = next(self._whole_ones(offset + 1), None)
        if chunk is not None:
            since = chunks[-1].at if chunks else None
            chunks.append(Chunk(offset, chunk.offset, 0, Kind.GAP, chunk.at, 0))
            self._found.skipped.append(Skipped(chunk.offset - offset, since, chunk.at))
        return chunk

    def _finish(self) -> None:
        found, span = self._found, self._span
        found.end = found.chunks[-1].end if found.chunks else len(FILE_HEAD)
        found.torn = max(0, span.size - found.end)
        head = span.read(found.end, HEAD_SIZE)
        found.half = CHUNK.startswith(head[: len(CHUNK)]) or unpack(head, found.end) is not None

    def _whole(self, chunk: Chunk) -> bool:
        self._patience -= chunk.end - chunk.offset
        try:
            read_chunk(self._span, chunk)
        except DamagedError:
            return False
        return True

    def _whole_ones(self, offset: int) -> Iterator[Chunk]:
        for place in self._marks(offset):
            chunk = unpack(self._span.read(place, HEAD_SIZE), place)
            if chunk is not None and chunk.end <= self._span.size and self._whole(chunk):
                yield chunk
            if self._patience < 0:
                return

    def _marks(self, offset: int) -> Iterator[int]:
        """Every place from ``offset`` on where a head might begin."""
        while offset < self._span.size:
            block = self._span.read(offset, _BLOCK)
            place = block.find(CHUNK)
            while place >= 0:
                yield offset + place
                place = block.find(CHUNK, place + 1)
            if not block:
                return
            offset += max(len(block) - len(CHUNK) + 1, 1)


def _odd(chunk: Chunk, last: Chunk | None) -> bool:
    """Whether a head says something that is rarely true."""
    leaps = last is not None and not last.at <= chunk.at <= last.at + _LEAP_S
    return leaps or chunk.kind not in _KINDS
