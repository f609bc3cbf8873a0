"""Frames of a recording as bytes, and back."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

import msgspec
import numpy as np

from console.domain.config import ModelConfig
from console.domain.counters import Counters
from console.domain.failure import Failure
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Session, Silence, Unsilence
from console.domain.sample import Reading, Sample
from console.domain.secret import Secret
from console.domain.triage import Walk
from console.domain.triton import Histogram, IndexEntry, TritonReading, VersionStatistics
from console.storage._redaction import Redaction
from console.storage._schema import OneOf, Record, kind
from console.storage._schema_plain import Plain, Reader, Writer, encodable

_PARTS: dict[str, Any] = {
    "index": tuple[IndexEntry, ...] | None,
    "statistics": tuple[VersionStatistics, ...] | None,
    "configs": dict[str, ModelConfig] | None,
    "histograms": dict[ModelVersion, Histogram] | None,
}
_TRITON = Record(TritonReading, frozenset({*_PARTS, "counters"}))
_READING = OneOf((Failure, *(each for each in get_args(Reading) if each is not TritonReading)))
_OTHER = OneOf((Marker, Silence, Unsilence))


class Encoder:
    """Makes frames of one run as bytes; stateful, since a frame says what differs from the one before.

    A ``key`` frame needs nothing before it but blobs. The values of ``secrets`` are taken out of every text.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._redaction = Redaction(secrets)
        self._newest: dict[str, Sample] = {}

    def frame(self, frame: Frame, *, key: bool) -> bytes:
        """The frame as MessagePack, not compressed; ``shown`` is not in it."""
        new = {entry.source for entry in frame.inputs if isinstance(entry, Sample)}
        old = [sample for source, sample in self._newest.items() if key and source not in new]
        for entry in frame.inputs:
            if isinstance(entry, Sample):
                self._newest[entry.source] = entry
        body = [frame.at, frame.mono, [self._input(e) for e in old], [self._input(e) for e in frame.inputs]]
        return msgspec.msgpack.encode(body)

    def blobs(self) -> list[tuple[bytes, bytes]]:
        """What frames since the last call refer to and what was not given out before: (8-byte digest, content)."""
        return []

    def forget(self) -> None:
        """Give every blob out again: the file that has them is no longer the one that is written."""

    def _input(self, entry: Input) -> Plain:
        out = Writer(change=lambda text: encodable(self._redaction.text(text)))
        if not isinstance(entry, Sample):
            return _OTHER.write(entry, out)
        head = [*map(out.text, (entry.source, entry.target or "")), entry.target is None, *entry[2:6]]
        reading = entry.reading
        if not isinstance(reading, TritonReading):
            return ["Sample", head, _READING.write(reading if reading is not None else entry.failure, out)]
        parts = {name: kind(hint).write(getattr(reading, name), out) for name, hint in _PARTS.items()}
        counters = reading.counters
        if counters is not None:
            keys = kind(tuple[ModelVersion, ...]).write(counters.keys, out)
            parts["counters"] = [
                keys,
                list(counters.values.shape),
                counters.values.tobytes(),
                counters.source,
            ]
        return ["Sample", head, ["TritonReading", _TRITON.write(reading, out), parts]]


class Decoder:
    """Reads frames back; ``blob`` gives the content of a digest, and raises LookupError or ValueError where it cannot."""

    def __init__(self, blob: Callable[[bytes], bytes]) -> None:
        self._blob = blob

    def frame(self, payload: bytes, *, key: bool, session: int) -> Frame:  # noqa: ARG002 - the next version needs it
        """The next frame in order; raises ValueError for what is none."""
        return self._read(payload, session, old=False)

    def newest(self, payload: bytes, *, session: int) -> Frame:
        """A key frame by itself: the newest sample of every source as inputs, also those that were not new in it."""
        return self._read(payload, session, old=True)

    def _read(self, payload: bytes, session: int, *, old: bool) -> Frame:
        try:
            at, mono, before, inputs = msgspec.msgpack.decode(payload)
            entries = [*before, *inputs] if old else inputs
            return Frame(session, float(at), float(mono), tuple(map(self._input, entries)))
        except (TypeError, RecursionError) as error:
            raise ValueError("a frame that is none") from error

    def _input(self, plain: Plain) -> Input:
        if plain[0] != "Sample":
            entry: Input = _OTHER.read(plain, Reader())
            return entry
        (source, target, nowhere, *times), reading = plain[1:]
        at, mono, took_s, every = map(float, times)
        head = Sample(str(source), None if nowhere else str(target), at, mono, took_s, every, None, None)
        if reading[0] != "TritonReading":
            found = _READING.read(reading, Reader())
            failed = isinstance(found, Failure)
            return head._replace(failure=found) if failed else head._replace(reading=found)
        parts = {name: kind(hint).read(reading[2][name], Reader()) for name, hint in _PARTS.items()}
        if "counters" in reading[2]:
            keys, shape, values, origin = reading[2]["counters"]
            matrix = np.frombuffer(values).reshape(shape).copy()
            parts["counters"] = Counters(
                kind(tuple[ModelVersion, ...]).read(keys, Reader()), matrix, str(origin)
            )
        return head._replace(reading=_TRITON.build(reading[1], Reader(), parts))


def references(content: bytes) -> tuple[bytes, ...]:  # noqa: ARG001 - nothing refers to a blob yet
    """The digests of the blobs that a frame, or another blob, refers to by itself; raises ValueError for neither."""
    return ()


def _encode(hint: Any, value: Any) -> bytes:
    return msgspec.msgpack.encode(kind(hint).write(value, Writer(change=encodable)))


def _decode(hint: Any, raw: bytes) -> Any:
    try:
        return kind(hint).read(msgspec.msgpack.decode(raw), Reader())
    except (TypeError, RecursionError) as error:
        raise ValueError("a part of a recording that is none") from error


def encode_session(session: Session) -> bytes:
    """A session's head; secrets in its fleet are not written, whatever else must not be is taken out before."""
    return _encode(Session, session)


def decode_session(raw: bytes) -> Session:
    """A session's head; raises ValueError for what is none."""
    session: Session = _decode(Session, raw)
    return session


def encode_walk(walk: Walk) -> bytes:
    """An answer of the triage."""
    return _encode(Walk, walk)


def decode_walk(raw: bytes) -> Walk:
    """An answer of the triage; raises ValueError for what is none."""
    walk: Walk = _decode(Walk, raw)
    return walk


def encode_markers(markers: Sequence[Marker]) -> bytes:
    """Markers in their order."""
    return _encode(tuple[Marker, ...], markers)


def decode_markers(raw: bytes) -> tuple[Marker, ...]:
    """Markers in their order; raises ValueError for what is none."""
    markers: tuple[Marker, ...] = _decode(tuple[Marker, ...], raw)
    return markers
