"""One source's samples, each as what differs from the one before; the two sides go in step."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import numpy as np

from console.domain.failure import Failure
from console.domain.sample import Reading, Sample
from console.domain.triton import IndexEntry, TritonReading
from console.storage._blobs import Inlet, Outlet
from console.storage._counter_parts import CountersReader, CountersWriter, HistogramsReader, HistogramsWriter
from console.storage._numbers import Deltas, decimal_codes, decimal_values
from console.storage._part import (
    BlobPartReader,
    BlobPartWriter,
    ConfigsReader,
    ConfigsWriter,
    PartReader,
    PartWriter,
)
from console.storage._schema import Kind, Record, kind
from console.storage._schema_plain import Plain, Reader, placed, text
from console.storage._statistics_part import StatisticsReader, StatisticsWriter

_INDEX = kind(tuple[IndexEntry, ...])
_PARTS = ("index", "statistics", "configs", "counters", "histograms")
_TRITON = Record(TritonReading, frozenset(_PARTS))
_KINDS: dict[str, Kind] = {
    each.__name__: _TRITON if each is TritonReading else kind(each) for each in (Failure, *get_args(Reading))
}
# A shape that is longer is a content of its own in key frames, where it would be repeated.
_LONG = 160
# Times of a sample, before the numbers of its reading.
_TIMES = 4


class TrackWriter:
    """Writes samples of one source: [number, names, kind, shape, numbers, parts].

    The names (source and target) are there when nothing before says them. The kind of reading, and its shape, which is
    all of it but the numbers and the parts, are None while they are as before. A shape is bytes, or the place of a
    content.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._named = False
        self._numbers = Deltas()
        self._kind = ""
        self._shape = b""
        self._parts: Mapping[str, PartWriter] = {
            "index": BlobPartWriter(_INDEX),
            "statistics": StatisticsWriter(),
            "configs": ConfigsWriter(),
            "counters": CountersWriter(),
            "histograms": HistogramsWriter(),
        }

    def reset(self) -> None:
        """The next one stands for itself."""
        self._named = False
        self._numbers.reset()
        self._kind, self._shape = "", b""
        for part in self._parts.values():
            part.reset()

    def write(self, sample: Sample, outlet: Outlet) -> Plain:
        """The next sample; raises TypeError, ValueError or OverflowError for one that cannot be written."""
        value = sample.reading if sample.reading is not None else sample.failure
        name = type(value).__name__
        if name not in _KINDS:
            raise TypeError(f"no way to write a {name}")
        raw, floats = outlet.packer.write(_KINDS[name], value, apart=True)
        parts: dict[str, Plain] = {}
        if isinstance(value, TritonReading):
            for part, writer in self._parts.items():
                writer.into(parts, part, getattr(value, part), outlet)
        names = None if self._named else self._names(sample, outlet)
        shape = None if raw == self._shape else self._place(raw, outlet)
        numbers = np.array(
            [[sample.at], [sample.mono], [sample.took_s], [sample.every], *([f] for f in floats)]
        )
        new_kind = None if name == self._kind else name
        self._named, self._kind, self._shape = True, name, raw
        return [self.number, names, new_kind, shape, self._numbers.write(decimal_codes(numbers)), parts]

    def _names(self, sample: Sample, outlet: Outlet) -> Plain:
        target = None if sample.target is None else outlet.packer.text(sample.target)
        return [outlet.packer.text(sample.source), target]

    def _place(self, raw: bytes, outlet: Outlet) -> Plain:
        """A shape, which is a content of its own where it is long and repeated."""
        return raw if self._named or len(raw) <= _LONG else outlet.refer_packed(raw)


class TrackReader:
    """The other side."""

    def __init__(self) -> None:
        self._names: tuple[str, str | None] | None = None
        self._numbers = Deltas()
        self._kind = ""
        self._shape: Plain = None
        self._slots = 0
        self._parts: Mapping[str, PartReader] = {
            "index": BlobPartReader(_INDEX),
            "statistics": StatisticsReader(),
            "configs": ConfigsReader(),
            "counters": CountersReader(),
            "histograms": HistogramsReader(),
        }

    def reset(self) -> None:
        """The next one stands for itself."""
        self._names = None
        self._numbers.reset()
        self._kind = ""
        for part in self._parts.values():
            part.reset()

    @property
    def named(self) -> bool:
        """Whether anything since the last reset says whose it is."""
        return self._names is not None

    def read(self, plain: list[Plain], inlet: Inlet) -> Sample | None:
        """The next sample; None for what only a newer console knows. Raises ValueError for what is none."""
        names, name, shape, raw, parts = plain
        if names is not None:
            source, target = names
            self._names = text(source), None if target is None else text(target)
        if name is not None:
            self._kind = text(name)
        if shape is not None:
            raw_shape = msgspec.msgpack.decode(shape) if isinstance(shape, bytes) else inlet.plain(shape)
            self._shape, slots = placed(raw_shape)
            self._slots = _TIMES + slots
        if self._names is None or not self._kind:
            raise ValueError("a sample of an unknown source")
        inlet.spend(self._slots)
        numbers = decimal_values(self._numbers.read(raw, self._slots, 1))[:, 0].tolist()
        apart = {name: part.take(parts, name, inlet) for name, part in self._parts.items()}
        # All that goes in step has been read: what is wrong from here on is wrong for this sample alone.
        try:
            reading = self._reading(Reader(numbers[_TIMES:]), apart)
        except ValueError:
            return None
        at, mono, took_s, every = numbers[:_TIMES]
        found = Sample(*self._names, at, mono, took_s, every, None, None)
        is_failure = isinstance(reading, Failure)
        return found._replace(failure=reading) if is_failure else found._replace(reading=reading)

    def _reading(self, numbers: Reader, apart: Mapping[str, Any]) -> Any:
        if self._kind not in _KINDS:
            raise ValueError("a reading of an unknown kind")
        if self._kind == TritonReading.__name__:
            return _TRITON.build(self._shape, numbers, apart)
        return _KINDS[self._kind].read(self._shape, numbers)
