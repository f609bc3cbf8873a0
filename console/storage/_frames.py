"""The bytes of a recording: a file head, then chunks that each say what they are, when, how long, and prove it.

A chunk is its magic, the number of its section, its kind, its time (epoch seconds), the length of its payload, and the
CRC-32 of all that and the payload; then the payload. A SESSION chunk begins a section: the frames of a section need
nothing from before it. A FRAME's payload begins with the CRC of the KEY or FRAME before, which it differs from; a BLOB's
with its digest. Any beginning of a file is a recording; kinds that are not known are stepped over.
"""

import math
import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from console.domain.recording import RecordingError

NAME = b"TCREC\n"
MAJOR, MINOR = 1, 0
FILE_HEAD = NAME + bytes((MAJOR, MINOR))

CHUNK = b"\xf5tc"
_HEAD = struct.Struct("<3sHBdI")
_CRC = struct.Struct("<I")
_HEAD_AND_CRC = struct.Struct("<3sHBdII")
HEAD_SIZE = _HEAD_AND_CRC.size
# Far above what a tick of the largest fleet takes; what says more is damage.
PAYLOAD_LIMIT = 64 * 2**20
PLAIN_LIMIT = 128 * 2**20
DIGEST_SIZE = 8
RUN_SIZE = 8
SECTIONS = 2**16
# Level 1 takes half the time of level 6, for a tenth more bytes.
_LEVEL = 1


class Kind(IntEnum):
    """What a chunk holds; GAP stands for damage and is never written."""

    GAP = 0
    SESSION = 1
    BLOB = 2
    KEY = 3
    FRAME = 4
    MARKERS = 5
    WALK = 6
    ASIDE = 7
    END = 8


FRAMES = frozenset({Kind.KEY, Kind.FRAME})
"""The kinds that hold a tick."""


class Chunk(NamedTuple):
    """A chunk by its head: where it begins, where its payload ends, and what it says it is."""

    offset: int
    end: int
    section: int
    kind: int
    at: float
    crc: int


class DamagedError(Exception):
    """A chunk that is not what was written."""


def pack(kind: Kind, section: int, at: float, payload: bytes) -> bytes:
    """A chunk; raises ValueError for a payload that no reader would take."""
    if len(payload) > PAYLOAD_LIMIT:
        raise ValueError(f"{len(payload)} bytes are too many for a chunk")
    head = _HEAD.pack(CHUNK, section, kind, at, len(payload))
    return head + _CRC.pack(zlib.crc32(payload, zlib.crc32(head))) + payload


def unpack(head: bytes, offset: int) -> Chunk | None:
    """The chunk that begins with these bytes at ``offset``, None where they are no chunk's head."""
    if len(head) < HEAD_SIZE:
        return None
    magic, section, kind, at, size, crc = _HEAD_AND_CRC.unpack_from(head)
    if magic != CHUNK or size > PAYLOAD_LIMIT or not kind or not math.isfinite(at):
        return None
    return Chunk(offset, offset + HEAD_SIZE + size, section, kind, at, crc)


def payload_of(chunk: Chunk, raw: bytes) -> bytes:
    """The payload of a chunk that was read whole; raises DamagedError."""
    head, payload = raw[: _HEAD.size], raw[HEAD_SIZE:]
    if len(raw) != chunk.end - chunk.offset or zlib.crc32(payload, zlib.crc32(head)) != chunk.crc:
        raise DamagedError("its checksum is not that of its bytes")
    return payload


def checksum(chunk: bytes) -> bytes:
    """The CRC of a chunk that was packed, as it stands in it."""
    return chunk[_HEAD.size : HEAD_SIZE]


def hangs_on(payload: bytes) -> tuple[int, bytes]:
    """Of a FRAME's payload the CRC of the frame that it differs from, and the rest; raises DamagedError."""
    if len(payload) < _CRC.size:
        raise DamagedError("a frame without a frame before it")
    return _CRC.unpack_from(payload)[0], payload[_CRC.size :]


def deflate(plain: bytes) -> bytes:
    """Compressed; raises ValueError where no reader would take it."""
    if len(plain) > PLAIN_LIMIT:
        raise ValueError(f"{len(plain)} bytes are too many for a chunk")
    return zlib.compress(plain, _LEVEL)


def inflate(packed: bytes) -> bytes:
    """What was compressed; raises DamagedError, also for what is larger than anything that is written."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, PLAIN_LIMIT)
    except zlib.error as error:
        raise DamagedError(str(error)) from error
    if not inflater.eof:
        raise DamagedError("it is cut off or far too large")
    return plain


def check_head(head: bytes, path: str) -> int:
    """The major version of a file that begins with these bytes; raises RecordingError for what is no recording."""
    if not head:
        raise RecordingError(f"{path} is empty", "nothing was recorded yet: look again in a few seconds")
    if len(head) < len(FILE_HEAD) and FILE_HEAD.startswith(head):
        raise RecordingError(
            f"{path} holds {len(head)} bytes and no frame", "its recorder was stopped at once: record anew"
        )
    if not head.startswith(NAME) or len(head) < len(FILE_HEAD):
        raise RecordingError(
            f"{path} is no recording",
            "recordings are made by triton-console record, and end in .tcrec or .tcinc",
        )
    return head[len(NAME)]
