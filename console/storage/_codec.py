"""Frames of a recording as bytes, and back.

A frame is what differs from the one before; a key frame needs nothing before it but the contents that it refers to.
What is alike over time stands in contents that are written once; numbers are whole units, and what they grew by.
Everything comes back as it was, and what is the same object as before is so again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Session, Silence, Unsilence
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.domain.text import visible
from console.domain.triage import Walk
from console.storage._blobs import BlobReader, BlobWriter, Inlet, Outlet, Packer, digests
from console.storage._redaction import Redaction
from console.storage._schema import OneOf, kind
from console.storage._schema_plain import Plain, Reader, Writer, encodable
from console.storage._track import TrackReader, TrackWriter

_OTHER = OneOf((Marker, Silence, Unsilence))
_TOLD = -1
# A source without a sample for so long, or for so many of its own intervals, has gone.
_GONE_S, _GONE_EVERY = 600.0, 3.0
# What a track takes in memory, in numbers.
_TRACK_CELLS = 1 << 10
# What reading bytes that nobody wrote may end in.
_ODD = (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError, MemoryError)


class Encoder:
    """Makes frames of one run as bytes; stateful, since a frame says what differs from the one before.

    A ``key`` frame needs nothing before it but blobs, and holds the newest sample of every source. The values of
    ``secrets`` are taken out of every text.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._packer = Packer(Redaction(secrets))
        self._blobs = BlobWriter()
        self._tracks: dict[str, TrackWriter] = {}
        self._newest: dict[str, Sample] = {}
        self._next_track = 0
        self._number = 0

    def frame(self, frame: Frame, *, key: bool) -> bytes:
        """The frame as MessagePack, not compressed; ``shown`` is not in it.

        A sample that cannot be written becomes a failure of its source. The first frame, and the one after a frame
        that was not kept, must be a key frame.
        """
        outlet = Outlet(self._blobs, self._packer)
        old = self._begin(frame) if key else []
        self._number += 1
        before = [self._sample(sample, outlet) for sample in old]
        inputs = [self._input(entry, outlet) for entry in frame.inputs]
        return msgspec.msgpack.encode(
            [b"".join(outlet.digests), self._number, frame.at, frame.mono, before, inputs]
        )

    def blobs(self) -> list[tuple[bytes, bytes]]:
        """What frames since the last call refer to and what was not given out before: (8-byte digest, content).

        Each stands after those that it refers to itself.
        """
        return self._blobs.taken()

    def forget(self) -> None:
        """Give every blob out again: the file that has them is no longer the one that is written."""
        self._blobs.forget()

    def _begin(self, frame: Frame) -> list[Sample]:
        """A key frame: the newest samples of the sources that have none in it, in their order."""
        gone = [name for name, sample in self._newest.items() if _gone(sample, frame.mono)]
        for name in gone:
            del self._newest[name]
            self._tracks.pop(name, None)
        for track in self._tracks.values():
            track.reset()
        new = {entry.source for entry in frame.inputs if isinstance(entry, Sample)}
        return [sample for source, sample in self._newest.items() if source not in new]

    def _input(self, entry: Input, outlet: Outlet) -> Plain:
        if isinstance(entry, Sample):
            # By arrival, the newest last.
            self._newest.pop(entry.source, None)
            self._newest[entry.source] = entry
            return self._sample(entry, outlet)
        raw, _ = self._packer.write(_OTHER, entry)
        return [_TOLD, raw]

    def _sample(self, sample: Sample, outlet: Outlet) -> Plain:
        try:
            return self._track(sample.source).write(sample, outlet)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            # What the track holds by now is of no use to a reader.
            self._tracks.pop(sample.source, None)
            said = f"not recorded: {type(error).__name__}: {visible(str(error))}"
            failure = Failure(FailureKind.INTERNAL, "recording", said)
            return self._track(sample.source).write(sample._replace(reading=None, failure=failure), outlet)

    def _track(self, source: str) -> TrackWriter:
        if source not in self._tracks:
            self._tracks[source] = TrackWriter(self._next_track)
            self._next_track += 1
        return self._tracks[source]


def _gone(sample: Sample, mono: float) -> bool:
    return mono - sample.mono > max(_GONE_S, _GONE_EVERY * sample.every)


class Decoder:
    """Reads frames back; ``blob`` gives the content of a digest, and raises LookupError or ValueError where it cannot.

    One decoder reads the frames of one run in order, also across what is missing, where it goes on at a key frame:
    what did not change meanwhile is the same object then, too. ``skipped`` counts what only a newer console knows.
    """

    def __init__(self, blob: Callable[[bytes], bytes]) -> None:
        self._blobs = BlobReader(blob)
        self._tracks: dict[int, TrackReader] = {}
        self._session: int | None = None
        self._number: int | None = None
        self.skipped = 0

    def frame(self, payload: bytes, *, key: bool, session: int) -> Frame:
        """The next frame in order; raises ValueError for what is none, or needs a frame that was not read."""
        return self._read(payload, session, key=key)[1]

    def key_frame(self, payload: bytes, *, session: int) -> tuple[Frame, Frame]:
        """A key frame as ``frame`` reads it; and with the newest sample of every source, also those not new in it."""
        earlier, frame = self._read(payload, session, key=True)
        return frame, frame._replace(inputs=tuple(_newest([*earlier, *frame.inputs])))

    def _read(self, payload: bytes, session: int, *, key: bool) -> tuple[list[Input], Frame]:
        """What was known before the frame, and the frame."""
        expected, self._number = self._number, None
        if session != self._session:
            self._session, expected = session, None
            self._tracks.clear()
        if key:
            for track in self._tracks.values():
                track.reset()
        try:
            joined, number, at, mono, before, inputs = msgspec.msgpack.decode(payload)[:6]
            if type(number) is not int or not (key or (expected is not None and number == expected + 1)):
                raise ValueError("a frame whose predecessor was not read")
            inlet = Inlet(self._blobs, digests(joined))
            earlier = self._entries(before, inlet)
            entries = self._entries(inputs, inlet)
        except _ODD as error:
            raise ValueError("a frame that is none") from error
        self._number = number
        if key:
            self._tracks = {place: track for place, track in self._tracks.items() if track.named}
        return earlier, Frame(session, _time(at), _time(mono), tuple(entries))

    def _entries(self, plain: Plain, inlet: Inlet) -> list[Input]:
        found = [self._entry(each, inlet) for each in plain]
        self.skipped += found.count(None)
        return [each for each in found if each is not None]

    def _entry(self, plain: Plain, inlet: Inlet) -> Input | None:
        number, *rest = plain
        if number == _TOLD:
            return _told(rest[0])
        if type(number) is not int or number < 0:
            return None
        track = self._tracks.get(number)
        if track is None:
            inlet.spend(_TRACK_CELLS)
            track = self._tracks[number] = TrackReader()
        return track.read(rest[:5], inlet)


def _told(raw: Plain) -> Input | None:
    """What is no sample; None for what only a newer console knows."""
    try:
        entry: Input = _OTHER.read(msgspec.msgpack.decode(raw), Reader())
    except ValueError:
        return None
    return entry


def _newest(entries: Sequence[Input]) -> list[Input]:
    """The newest sample of each source, and all that is none."""
    last = {entry.source: place for place, entry in enumerate(entries) if isinstance(entry, Sample)}
    return [
        entry
        for place, entry in enumerate(entries)
        if not isinstance(entry, Sample) or last[entry.source] == place
    ]


def _time(plain: Plain) -> float:
    if type(plain) is float or type(plain) is int:
        return float(plain)
    raise ValueError("not a time")


def _encode(hint: Any, value: Any) -> bytes:
    return msgspec.msgpack.encode(kind(hint).write(value, Writer(change=encodable)))


def _decode(hint: Any, raw: bytes) -> Any:
    try:
        return kind(hint).read(msgspec.msgpack.decode(raw), Reader())
    except _ODD as error:
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
