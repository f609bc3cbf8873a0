"""Bytes that no recorder wrote: refused with a ValueError, whatever they are."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Frame
from console.storage._blobs import digests
from console.storage._codec import Decoder, decode_markers, decode_session, decode_walk
from tests.console.storage.coded import Tape, sampled, triton

DOWN = Failure(FailureKind.REFUSED, "live", "connection refused")
NOTE = Marker(5.0, MarkerKind.NOTE, "fleet", "looked")


def whole() -> Tape:
    tape = Tape()
    tape.add(sampled(triton(1)), NOTE, sampled(DOWN, "probe"))
    tape.add(sampled(triton(2)))
    tape.add(sampled(DOWN), sampled(triton(3)), key=True)
    return tape


TAPE = whole()
PAYLOADS = [payload for payload, _ in TAPE.payloads]


def references(content: bytes) -> tuple[bytes, ...]:
    """The digests of the contents that a frame, or another content, refers to by itself."""
    return digests(msgspec.msgpack.decode(content)[0])


def survives(read: Callable[[], object]) -> bool:
    """Whether it was read; anything but a ValueError goes through."""
    try:
        read()
    except ValueError:
        return False
    return True


def tried(payload: bytes, blobs: dict[bytes, bytes] | None = None) -> bool:
    decoder = Decoder((TAPE.blobs if blobs is None else blobs).__getitem__)
    return survives(lambda: decoder.key_frame(payload, session=0))


@pytest.mark.parametrize("which", range(3))
def test_cut_anywhere(which: int) -> None:
    payload = PAYLOADS[which]

    assert not any(tried(payload[:length]) for length in range(len(payload)))
    assert tried(PAYLOADS[0])


@pytest.mark.parametrize("which", range(3))
def test_any_byte_another(which: int) -> None:
    payload = PAYLOADS[which]
    for place in range(len(payload)):
        for flip in (0x01, 0x80, 0xFF):
            tried(payload[:place] + bytes([payload[place] ^ flip]) + payload[place + 1 :])


def test_contents_that_are_missing_or_damaged() -> None:
    for digest, content in TAPE.blobs.items():
        others = {each: raw for each, raw in TAPE.blobs.items() if each != digest}
        for length in range(0, len(content), 7):
            tried(PAYLOADS[2], {**others, digest: content[:length]})
        for place in range(0, len(content), 3):
            damaged = content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :]
            tried(PAYLOADS[2], {**others, digest: damaged})
    assert not tried(PAYLOADS[0], {})


def test_contents_in_each_others_place() -> None:
    for one, other in pairwise(TAPE.blobs):
        tried(PAYLOADS[0], {**TAPE.blobs, one: TAPE.blobs[other], other: TAPE.blobs[one]})


def test_a_frame_after_a_damaged_one_is_refused() -> None:
    decoder = TAPE.decoder()
    decoder.frame(PAYLOADS[0], key=True, session=0)

    assert not survives(lambda: decoder.frame(PAYLOADS[1][:-3], key=False, session=0))
    assert not survives(lambda: decoder.frame(PAYLOADS[1], key=False, session=0))
    assert survives(lambda: decoder.frame(PAYLOADS[2], key=True, session=0))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**63)
    | st.floats()
    | st.binary(max_size=9)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(plain | st.lists(plain, min_size=6, max_size=6))
def test_any_values(value: object) -> None:
    raw = msgspec.msgpack.encode(value)

    tried(raw)
    for read in (decode_session, decode_walk, decode_markers):
        survives(lambda read=read: read(raw))  # type: ignore[misc]


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    tried(raw)


def nested(depth: int) -> bytes:
    return b"\x91" * depth + b"\xc0"


def test_nesting_without_end() -> None:
    assert not tried(nested(100_000))
    assert not survives(lambda: decode_walk(nested(100_000)))


def test_a_few_bytes_that_ask_for_all_memory_are_refused() -> None:
    rows = [[f"row {n}", 1.0] for n in range(20_000)]
    names = [{"model": "m", "version": str(n)} for n in range(20_000)]
    grid = msgspec.msgpack.encode([b"", {"rows": rows, "keys": names}])
    key = b"12345678"
    numbers = bytes(4)
    shape = msgspec.msgpack.encode({})
    counters = [0, "metrics", bytes(20_000), None]
    sample = [0, ["triton:a", "a"], "TritonReading", shape, numbers, {"counters": counters}]
    payload = msgspec.msgpack.encode([key, 1, 0.0, 0.0, [], [sample]])

    with pytest.raises(ValueError, match="more numbers than any fleet has"):
        Decoder({key: grid}.__getitem__).key_frame(payload, session=0)


def test_what_is_missing_is_not_asked_for_by_a_frame_without_it() -> None:
    frame = TAPE.decoder().frame(PAYLOADS[0], key=True, session=0)

    assert isinstance(frame, Frame)
    assert set(references(PAYLOADS[0])) <= TAPE.blobs.keys()
    nested_ones = {digest for content in TAPE.blobs.values() for digest in references(content)}
    assert nested_ones < TAPE.blobs.keys()
    assert nested_ones
