"""Recordings that somebody made on purpose: every checksum is right, and nothing else."""

import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.recording import RecordingError
from console.storage._frames import DIGEST_SIZE, FILE_HEAD, PLAIN_LIMIT, RUN_SIZE, Chunk, Kind, deflate, pack
from console.storage._scan import read_chunk, scan
from console.storage._span import open_span
from console.storage.recording import open_recording
from tests.parts.tapes import AT, same, tape, ticks, walk, writer

# What stands before the compressed part of a payload.
_BEFORE = {Kind.SESSION: RUN_SIZE + 4, Kind.BLOB: DIGEST_SIZE, Kind.FRAME: 4}

_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Chunk, bytes]]:
    path = tmp_path_factory.mktemp("parts") / "a.tcrec"
    writing = writer(path)
    for tick in ticks(range(12)):
        if tick.mono == 6:
            writing.walk(walk(5))
        writing.tick(tick)
    writing.close()
    span = open_span(path)
    return [(chunk, read_chunk(span, chunk)) for chunk in scan(span).chunks]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_payload_that_was_made_up_is_no_more_than_damage(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[Chunk, bytes]], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(parts) - 2))
    chunk, payload = parts[which]
    before = _BEFORE.get(Kind(chunk.kind), 0)
    plain = zlib.decompress(payload[before:])
    place = data.draw(st.integers(0, max(len(plain) - 1, 0)))
    length = data.draw(st.integers(0, 4))
    changed = data.draw(
        st.one_of(
            st.binary(min_size=1, max_size=4).map(lambda new: plain[:place] + new + plain[place + length :]),
            _plain.map(msgspec.msgpack.encode),
            st.binary(max_size=50),
        )
    )
    packed = {which: payload[:before] + deflate(changed)}
    raw = b"".join(_pack(each, packed.get(n, kept)) for n, (each, kept) in enumerate(parts))
    path = tmp_path_factory.mktemp("made") / "a.tcrec"
    path.write_bytes(FILE_HEAD + raw)

    try:
        recording = open_recording(path)
    except RecordingError:
        return
    assert len(list(recording.frames())) <= 12
    assert len(list(recording.frames(AT + 11, sparse=True))) <= 12
    assert len(recording.markers) <= 10
    assert len(recording.walks) <= 1
    assert all(isinstance(problem, str) for problem in recording.problems)


def test_a_payload_that_grows_beyond_all_bounds_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(5)))
    bomb = zlib.compress(bytes(PLAIN_LIMIT + 2**20), 9)
    path.write_bytes(path.read_bytes() + pack(Kind.KEY, 0, AT + 5, bomb) + pack(Kind.WALK, 0, AT + 5, bomb))

    recording = open_recording(path)

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert list(recording.walks) == []
    assert len(recording.problems) == 2


def _pack(chunk: Chunk, payload: bytes) -> bytes:
    return pack(Kind(chunk.kind), chunk.section, chunk.at, payload)
