"""What the codec is tested with: both its sides in step, and readings of every kind."""

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st

from console.domain.config import ModelConfig, read_config
from console.domain.counters import Counters
from console.domain.drift import Drift
from console.domain.failure import Failure
from console.domain.families import ROWS, F
from console.domain.fleet import ModelVersion
from console.domain.gpu import GpuSample
from console.domain.journal import Record, RecordKind
from console.domain.lock import Lock
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Silence, Unsilence
from console.domain.sample import Reading, Sample
from console.domain.secret import Secret
from console.domain.triton import (
    ControlMode,
    Histogram,
    HostGauges,
    IndexEntry,
    ServerInfo,
    State,
    TritonReading,
    VersionStatistics,
)
from console.storage._codec import Decoder, Encoder

ODD = (0.0, -0.0, 1e-3, 0.1, 5e-324, 1.7e308, 2.0**51, 2.0**51 + 1, 2.0**53, 2.0**64, -1.0)
# Lone surrogates too: servers' JSON may bring them.
texts = st.text(st.characters(), max_size=12)
floats = st.floats() | st.sampled_from(ODD) | st.integers(0, 2**40).map(lambda us: us * 1e-3)
wholes = st.integers(0, 2**64 - 1)
leaves = st.none() | st.booleans() | st.integers() | floats | texts
jsons = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3) | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
objects = st.dictionaries(texts, jsons, max_size=3)
st.register_type_strategy(Drift, st.builds(Drift, was=jsons, now=jsons))
st.register_type_strategy(Record, st.builds(Record, st.sampled_from(RecordKind), body=objects))
st.register_type_strategy(Lock, st.builds(Lock, undo=st.lists(objects, max_size=2).map(tuple)))

plain_readings = st.one_of(*(st.from_type(each) for each in get_args(Reading) if each is not TritonReading))
keys = st.lists(st.builds(ModelVersion, texts, texts), max_size=4, unique=True).map(tuple)


@st.composite
def counters(draw: st.DrawFn) -> Counters:
    names = draw(keys)
    size = ROWS * len(names)
    values = np.array(draw(st.lists(floats, min_size=size, max_size=size)), dtype=np.float64)
    return Counters(names, values.reshape(ROWS, -1), draw(st.sampled_from(("metrics", "statistics"))))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    bounds = tuple(draw(st.lists(floats, max_size=4)))
    return Histogram(bounds, tuple(draw(st.lists(floats, min_size=len(bounds), max_size=len(bounds)))))


statistics = st.lists(
    st.builds(
        VersionStatistics,
        st.builds(ModelVersion, texts, texts),
        *[wholes] * 5,
        *[floats] * 5,
        *[wholes] * 2,
        st.dictionaries(wholes, wholes, max_size=3),
    ),
    max_size=3,
).map(tuple)
tritons = st.builds(
    TritonReading,
    server=st.none() | st.from_type(ServerInfo),
    mode=st.sampled_from(ControlMode),
    index=st.none() | st.lists(st.builds(IndexEntry, texts, texts, reason=texts), max_size=3).map(tuple),
    statistics=st.none() | statistics,
    statistics_at=st.none() | floats,
    configs=st.none() | st.dictionaries(texts, st.from_type(ModelConfig), max_size=2),
    counters=st.none() | counters(),
    counters_at=st.none() | floats,
    histograms=st.none() | st.dictionaries(st.from_type(ModelVersion), histograms(), max_size=3),
    gpus=st.lists(st.from_type(GpuSample), max_size=2).map(tuple),
    host=st.from_type(HostGauges),
    broken_lines=st.integers(),
    failures=st.lists(st.from_type(Failure), max_size=2).map(tuple),
)
readings = plain_readings | tritons


def sampled(reading: Any, source: str = "triton:t0", at: float = 100.0, mono: float = 10.0) -> Sample:
    """A sample of a reading, or of a failure."""
    failed = isinstance(reading, Failure)
    parts = (None, reading) if failed else (reading, None)
    return Sample(source, "t0", at, mono, 0.25, 1.0, *parts)


sources = st.sampled_from(("triton:a", "triton:b", "probe:a", "lock"))
samples = st.builds(
    lambda reading, source, at, took: sampled(reading, source, at)._replace(took_s=took),
    readings | st.from_type(Failure),
    sources,
    floats,
    floats,
)
others = st.from_type(Marker) | st.from_type(Silence) | st.from_type(Unsilence)
inputs = st.lists(samples | others, max_size=4).map(tuple)


class Tape:
    """An encoder and what it made, in memory."""

    def __init__(self, *secrets: str) -> None:
        self.encoder = Encoder([Secret(each) for each in secrets])
        self.blobs: dict[bytes, bytes] = {}
        self.payloads: list[tuple[bytes, bool]] = []

    def add(self, *inputs: Input, key: bool = False, mono: float = 10.0) -> bytes:
        """One frame; the first is a key frame."""
        key = key or not self.payloads
        payload = self.encoder.frame(Frame(0, 100.0, mono, inputs), key=key)
        self.blobs.update(self.encoder.blobs())
        self.payloads.append((payload, key))
        return payload

    def decoder(self) -> Decoder:
        """One that has read nothing yet."""
        return Decoder(self.blobs.__getitem__)

    def frames(self) -> list[Frame]:
        """All of it, in order."""
        decoder = self.decoder()
        return [decoder.frame(payload, key=key, session=0) for payload, key in self.payloads]

    @property
    def written(self) -> bytes:
        """Every byte."""
        return b"".join((*self.blobs.values(), *(payload for payload, _ in self.payloads)))


def read_back(tape: Tape) -> list[TritonReading]:
    found = [entry.reading for frame in tape.frames() for entry in frame.inputs if isinstance(entry, Sample)]
    return [reading for reading in found if isinstance(reading, TritonReading)]


MODELS = tuple(ModelVersion(f"model_{number}", "1") for number in range(3))
CONFIGS = {key.model: read_config({"name": key.model, "max_batch_size": 8}) for key in MODELS}


def triton(step: int = 1, names: tuple[ModelVersion, ...] = MODELS) -> TritonReading:
    """A server with traffic, ``step`` polls on."""
    values = np.arange(ROWS * len(names), dtype=np.float64).reshape(ROWS, -1) * step
    # No server says it of itself.
    values[F.SLOW] = np.nan
    sizes = {1: 5 * step, 4: 7 * step}
    return TritonReading(
        live=True,
        ready=True,
        server=ServerInfo("triton", "2.51.0", ("statistics",)),
        mode=ControlMode.EXPLICIT,
        index=tuple(IndexEntry(key.model, key.version, State.READY) for key in names),
        statistics=tuple(
            VersionStatistics(key, 1000 + step, step, step, step, 0, *[step * 1e-6] * 5, 0, 0, sizes)
            for key in names
        ),
        statistics_at=float(step),
        configs=CONFIGS,
        counters=Counters(names, values),
        counters_at=float(step),
        histograms={key: Histogram((1.0, float("inf")), (step * 1.0, step * 2.0)) for key in names},
        gpus=(GpuSample("GPU-1", utilization=0.37, memory_used_bytes=2.0**33),),
        host=HostGauges(0.5, 1e9, 2e9),
    )
