"""What is left of a recording that was cut off, or of which bytes were changed."""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.domain.recording import RecordingError
from console.domain.sample import Sample
from console.storage._frames import CHUNK, FILE_HEAD, HEAD_SIZE, Kind
from console.storage._scan import scan
from console.storage._span import open_span
from console.storage.recording import FileRecording, open_recording
from tests.parts.tapes import AT, same, session, tape, ticks, walk, writer

Told = Sequence[tuple[object, ...]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Told]:
    """A recording of two runs with everything in it, and its frames."""
    path = tmp_path_factory.mktemp("small") / "small.tcrec"
    writing = writer(path)
    for tick in ticks(range(13)):
        if tick.mono == 6:
            writing.walk(walk(5))
        writing.tick(tick)
    writing.close()
    tape(path, ticks(range(20, 23)), session(began=AT + 20))
    return path.read_bytes(), list(map(same, open_recording(path).frames()))


def read(path: Path, raw: bytes) -> tuple[FileRecording, Told] | None:
    """What can be read of these bytes, None where they cannot be opened."""
    path.write_bytes(raw)
    try:
        recording = open_recording(path)
    except RecordingError:
        return None
    frames = list(map(same, recording.frames()))
    assert recording.markers is not None
    assert recording.walks is not None
    assert list(recording.frames(AT + 5, sparse=True))
    return recording, frames


def test_cut_off_at_any_byte_everything_before_is_there(tmp_path: Path, small: tuple[bytes, Told]) -> None:
    raw, frames = small
    (tmp_path / "whole").write_bytes(raw)
    chunks = scan(open_span(tmp_path / "whole")).chunks
    ends = [chunk.end for chunk in chunks if chunk.kind in (Kind.KEY, Kind.FRAME)]

    for size in range(len(raw)):
        path = tmp_path / "cut.tcrec"
        path.write_bytes(raw[:size])
        whole = sum(1 for end in ends if end <= size)
        try:
            recording = open_recording(path)
        except RecordingError:
            assert whole == 0, size
        else:
            kept = list(recording.frames())
            assert [frame.mono for frame in kept] == [frame[1] for frame in frames[:whole]], size
            # The bytes of a frame do not depend on where the file was cut: the last one tells for all.
            assert same(kept[-1]) == frames[whole - 1], size
            torn = size - max((chunk.end for chunk in chunks if chunk.end <= size), default=0)
            assert bool(recording.problems) == bool(torn), size
            if torn:
                assert f"the last {torn:,} byte" in recording.problems[0], size
                assert "half a frame" in recording.problems[0], size


def test_any_byte_that_was_changed_costs_what_hangs_on_it_and_is_told(
    tmp_path: Path, small: tuple[bytes, Told]
) -> None:
    raw, frames = small
    cost = []
    for place in _places(len(raw)):
        flipped = bytes((*raw[:place], raw[place] ^ (1 << place % 8), *raw[place + 1 :]))
        found = read(tmp_path / "flipped.tcrec", flipped)
        if found is None:
            assert place < len(FILE_HEAD)
            continue
        recording, kept = found
        _in_order(kept, frames, place)
        assert recording.problems or place < len(FILE_HEAD), place
        cost.append(len(frames) - len(kept))
    # A key frame takes those with it that hang on it, and a head of a section all of it.
    assert set(cost) >= {0, 1}
    assert sum(cost) / len(cost) < len(frames) / 2


def test_a_stretch_of_damage_is_told_with_its_size_and_times(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(60)))
    raw = bytearray(path.read_bytes())
    chunks = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind in (Kind.KEY, Kind.FRAME)]
    begin, end = chunks[24].offset, chunks[27].offset
    raw[begin:end] = bytes(end - begin)
    path.write_bytes(raw)

    recording = open_recording(path)
    kept = list(map(same, recording.frames()))

    assert kept == list(map(same, [*frames[:24], *frames[30:]]))
    first, second = recording.problems
    assert first == f"{end - begin:,} bytes between 2023-11-14 22:13:43Z and 2023-11-14 22:13:47Z are damaged"
    assert second.startswith("3 frames from 2023-11-14 22:13:47Z to 2023-11-14 22:13:49Z cannot be read")


def test_a_section_without_its_head_is_known_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(0, 2400, 20)))
    raw = bytearray(path.read_bytes())
    heads = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind == Kind.SESSION]
    assert len(heads) == 4
    raw[heads[1].offset + HEAD_SIZE] ^= 1
    path.write_bytes(raw)

    recording = open_recording(path)

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert any("the head of a section" in problem for problem in recording.problems)


def test_a_frame_that_is_gone_or_there_twice_is_missed_until_the_next_key_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    tape(path, ticks(range(30)))
    raw = path.read_bytes()
    gone = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind == Kind.FRAME][11]
    begin, end = gone.offset, gone.end

    for name, changed in {"gone": raw[:begin] + raw[end:], "twice": raw[:end] + raw[begin:]}.items():
        path.write_bytes(changed)
        recording = open_recording(path)
        kept = [frame.mono for frame in recording.frames()]
        assert kept == [*range(13 if name == "gone" else 14), *range(20, 30)], name
        assert "cannot be read" in recording.problems[0]


def test_a_length_that_was_changed_does_not_take_the_next_key_frame_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    tape(path, ticks(range(30)))
    raw = bytearray(path.read_bytes())
    chunks = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind in (Kind.KEY, Kind.FRAME)]
    size = chunks[21].end - 5 - (chunks[19].offset + HEAD_SIZE)
    raw[chunks[19].offset + 14 : chunks[19].offset + 18] = size.to_bytes(4, "little")
    path.write_bytes(raw)

    recording = open_recording(path)

    assert [frame.mono for frame in recording.frames()] == [*range(19), *range(20, 30)]
    assert len(recording.problems) == 1


def test_a_seek_to_a_damaged_key_frame_begins_at_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    tape(path, ticks(range(40)))
    raw = bytearray(path.read_bytes())
    keys = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind == Kind.KEY]
    raw[keys[2].end - 1] ^= 1
    path.write_bytes(raw)

    frames = open_recording(path).frames(AT + 25)

    assert [frame.mono for frame in frames] == [*range(10, 20), *range(30, 40)]


def test_what_happened_in_a_run_that_is_lost_is_not_told_of_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    for begin, end in ((0, 2), (3, 9), (21, 25)):
        tape(path, ticks(range(begin, end)), session(began=AT + begin))
    raw = bytearray(path.read_bytes())
    heads = [chunk for chunk in scan(open_span(path)).chunks if chunk.kind == Kind.SESSION]
    raw[heads[1].offset + HEAD_SIZE] ^= 1
    path.write_bytes(raw)

    frames = list(open_recording(path).frames(sparse=True))

    assert [frame.mono for frame in frames] == [0, 21]
    assert all(isinstance(entry, Sample) for entry in frames[1].inputs)
    assert frames[1].shown == ()


def test_garbage_behind_the_end_is_told_and_nothing_else_suffers(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(5)))
    path.write_bytes(path.read_bytes() + bytes(5000))

    recording = open_recording(path)

    assert len(list(recording.frames())) == len(frames)
    assert recording.problems == (
        "the last 5,000 bytes hold no frame: they are damaged, or were never written",
    )


def test_heads_that_promise_too_much_do_not_take_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(5)))
    liar = CHUNK + bytes((0, 0, Kind.FRAME)) + bytes(8) + (40_000).to_bytes(4, "little") + bytes(4)
    path.write_bytes(path.read_bytes() + liar * 20_000)

    assert len(list(open_recording(path).frames())) == len(frames)


_chunk_like = st.builds(
    lambda kind, at, size, rest: CHUNK + bytes((0, 0, kind)) + at + size.to_bytes(4, "little") + rest,
    st.integers(0, 255),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=40),
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"", FILE_HEAD]), st.lists(st.one_of(st.binary(max_size=60), _chunk_like), max_size=12)
)
@example(FILE_HEAD, [])
@example(b"PK\x03\x04", [])
@example(b"PK\x05\x06", [bytes(18)])
def test_garbage_is_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, parts: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "garbage.tcrec"
    path.write_bytes(head + b"".join(parts))

    with pytest.raises(RecordingError) as raised:
        open_recording(path)

    assert str(raised.value).startswith(str(path))
    assert raised.value.hint


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_holes_and_insertions_leave_frames_as_they_were_or_none(
    tmp_path_factory: pytest.TempPathFactory, small: tuple[bytes, Told], data: st.DataObject
) -> None:
    raw, frames = small
    begin = data.draw(st.integers(len(FILE_HEAD), len(raw)))
    end = data.draw(st.integers(begin, min(len(raw), begin + 3000)))
    between = data.draw(st.one_of(st.binary(max_size=100), st.just(raw[begin:end] * 2)))

    found = read(tmp_path_factory.mktemp("holes") / "a.tcrec", raw[:begin] + between + raw[end:])

    known = {frame[1]: frame[2] for frame in frames}
    if found is not None:
        assert all(known[frame[1]] == frame[2] for frame in found[1][1:])


def _in_order(kept: Told, frames: Told, place: int) -> None:
    """Every frame that was read is one of the recording, in the recording's order."""
    known = {frame[1]: frame[2] for frame in frames}
    # The first has the newest of every source, also what is not of its own tick.
    assert all(known[frame[1]] == frame[2] for frame in kept[1:]), place
    assert all(one < next_ for one, next_ in pairwise(frame[1] for frame in kept)), place


def _places(size: int) -> Sequence[int]:
    return sorted(random.Random(5).sample(range(size), min(size, 1500)))
